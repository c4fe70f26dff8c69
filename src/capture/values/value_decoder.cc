// SPDX-License-Identifier: Apache-2.0
#include "capture/values/value_decoder.h"

#include "capture/values/decoder_kinds.h"
#include "capture/values/type_oids.h"

namespace tarn::capture {
namespace {

std::unique_ptr<ValueDecoder> TextDecoderOf(const SourceType& source, const TargetType& target) {
  // An enum's send function gives its label.
  if (source.type_class == TypeClass::kEnum && !source.is_array) return MakeTextDecoder(target);
  if (source.type_class != TypeClass::kBase || source.is_array) return MakeOutputTextDecoder();
  switch (source.oid.value()) {
    case type_oid::kText:
    case type_oid::kVarchar:
    case type_oid::kBpchar:
    case type_oid::kName:
      return MakeTextDecoder(target);
    case type_oid::kChar:
      return MakeCharDecoder();
    case type_oid::kOid:
    case type_oid::kXid:
    case type_oid::kCid:
      return MakeUnsignedTextDecoder(sizeof(uint32_t));
    case type_oid::kXid8:
      return MakeUnsignedTextDecoder(sizeof(uint64_t));
    case type_oid::kPgLsn:
      return MakeLsnDecoder();
    case type_oid::kUuid:
      return MakeUuidDecoder();
    case type_oid::kNumeric:
      return MakeNumericTextDecoder();
    default:
      return MakeOutputTextDecoder();
  }
}

std::unique_ptr<ValueDecoder> DecoderOf(const SourceType& source, const TargetType& target) {
  const uint32_t oid = source.oid.value();
  switch (target.kind) {
    case TargetKind::kNumber:
      if (oid == type_oid::kInt2) return MakeIntegerDecoder(sizeof(int16_t));
      if (oid == type_oid::kInt4) return MakeIntegerDecoder(sizeof(int32_t));
      if (oid == type_oid::kInt8) return MakeIntegerDecoder(sizeof(int64_t));
      if (oid == type_oid::kNumeric) return MakeNumericDecoder(target);
      return nullptr;
    case TargetKind::kFloat:
      if (oid == type_oid::kFloat4) return MakeFloat4Decoder();
      return oid == type_oid::kFloat8 ? MakeFloat8Decoder() : nullptr;
    case TargetKind::kBoolean:
      return oid == type_oid::kBool ? MakeBooleanDecoder() : nullptr;
    case TargetKind::kBinary:
      return oid == type_oid::kBytea ? MakeByteaDecoder() : nullptr;
    case TargetKind::kDate:
      return oid == type_oid::kDate ? MakeDateDecoder() : nullptr;
    case TargetKind::kTime:
      if (oid == type_oid::kTime) return MakeTimeDecoder(false);
      return oid == type_oid::kTimetz ? MakeTimeDecoder(true) : nullptr;
    case TargetKind::kTimestamp:
      return oid == type_oid::kTimestamp ? MakeTimestampDecoder() : nullptr;
    case TargetKind::kTimestampTz:
      return oid == type_oid::kTimestamptz ? MakeTimestampTzDecoder() : nullptr;
    case TargetKind::kVariant:
      if (oid == type_oid::kJson) return MakeJsonDecoder(false);
      if (oid == type_oid::kJsonb) return MakeJsonDecoder(true);
      return oid == type_oid::kMoney ? MakeMoneyDecoder(source.modifier) : nullptr;
    case TargetKind::kText:
      return TextDecoderOf(source, target);
    case TargetKind::kInteger:
      return oid == type_oid::kInt2 || oid == type_oid::kInt4 ? MakePlainIntDecoder() : nullptr;
    case TargetKind::kLong:
      return oid == type_oid::kInt8 ? MakePlainLongDecoder() : nullptr;
    case TargetKind::kReal:
      return oid == type_oid::kFloat4 ? MakePlainFloatDecoder() : nullptr;
    case TargetKind::kInstant:
      return oid == type_oid::kTimestamptz ? MakeInstantDecoder() : nullptr;
    case TargetKind::kUuid:
      return oid == type_oid::kUuid ? MakePlainUuidDecoder() : nullptr;
  }
  return nullptr;
}

}  // namespace

std::unexpected<Error> MalformedValue(std::string_view type) {
  return Fail(ErrorKind::kCorruption, "malformed value of type {}", type);
}

std::unexpected<Error> ValueDoesNotFit(std::string_view type, std::string_view value,
                                       std::string_view target, std::string_view why) {
  constexpr size_t kShown = 64;
  const std::string_view shown = value.substr(0, kShown);
  Error error{ErrorKind::kInvalidArgument,
              fmt::format("{} \"{}{}\" does not fit into {}", type, shown,
                          shown.size() < value.size() ? "…" : "", target),
              std::string(why),
              {}};
  return std::unexpected(std::move(error));
}

Result<std::unique_ptr<ValueDecoder>> MakeValueDecoder(const SourceType& source,
                                                       const TargetType& target) {
  auto decoder = DecoderOf(source, target);
  if (decoder) return decoder;
  return Fail(ErrorKind::kInternal, "no {} is made of values of type {}", ToString(target),
              source.name);
}

}  // namespace tarn::capture
