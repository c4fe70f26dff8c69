// SPDX-License-Identifier: Apache-2.0
// The decoders that MakeValueDecoder chooses from.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "capture/values/value_decoder.h"

namespace tarn::capture {

// What the connector's documentation gives as the most: "VARCHAR 128 MB", "BINARY 64 MB".
inline constexpr int64_t kTextBytesMax = 134'217'728;
inline constexpr int64_t kBinaryBytesMax = 67'108'864;

// Numbers. To decimal(precision, 0), by the width in bytes.
std::unique_ptr<ValueDecoder> MakeIntegerDecoder(size_t width);
/// To int and long. What does not fit is InvalidArgument: the column was wider before.
std::unique_ptr<ValueDecoder> MakePlainIntDecoder();
std::unique_ptr<ValueDecoder> MakePlainLongDecoder();
std::unique_ptr<ValueDecoder> MakeFloat4Decoder();
/// To float.
std::unique_ptr<ValueDecoder> MakePlainFloatDecoder();
std::unique_ptr<ValueDecoder> MakeFloat8Decoder();
std::unique_ptr<ValueDecoder> MakeBooleanDecoder();
std::unique_ptr<ValueDecoder> MakeNumericDecoder(const TargetType& number);
/// numeric that stays text, with NaN and the infinities.
std::unique_ptr<ValueDecoder> MakeNumericTextDecoder();

// Texts, and what is one in the lake.
/// Of types whose send function gives the text itself.
std::unique_ptr<ValueDecoder> MakeTextDecoder(const TargetType& text);
/// Of types that are asked for as text.
std::unique_ptr<ValueDecoder> MakeOutputTextDecoder();
std::unique_ptr<ValueDecoder> MakeCharDecoder();
/// oid, xid, cid (4 bytes), xid8 (8).
std::unique_ptr<ValueDecoder> MakeUnsignedTextDecoder(size_t width);
std::unique_ptr<ValueDecoder> MakeLsnDecoder();
std::unique_ptr<ValueDecoder> MakeUuidDecoder();
/// To uuid.
std::unique_ptr<ValueDecoder> MakePlainUuidDecoder();
std::unique_ptr<ValueDecoder> MakeByteaDecoder();

// VARIANT. `has_version`: jsonb.
std::unique_ptr<ValueDecoder> MakeJsonDecoder(bool has_version);
/// By how many digits the source's currency has behind the point; -1: two.
std::unique_ptr<ValueDecoder> MakeMoneyDecoder(int32_t fraction_digits);

// Dates and times.
std::unique_ptr<ValueDecoder> MakeDateDecoder();
/// `has_zone`: timetz.
std::unique_ptr<ValueDecoder> MakeTimeDecoder(bool has_zone);
std::unique_ptr<ValueDecoder> MakeTimestampDecoder();
std::unique_ptr<ValueDecoder> MakeTimestampTzDecoder();
/// timestamptz to timestamptz.
std::unique_ptr<ValueDecoder> MakeInstantDecoder();

/// A value is not in the form that its type has.
std::unexpected<Error> MalformedValue(std::string_view type);
/// `value`, shortened, does not fit. `why` is a sentence.
std::unexpected<Error> ValueDoesNotFit(std::string_view type, std::string_view value,
                                       std::string_view target, std::string_view why);

}  // namespace tarn::capture
