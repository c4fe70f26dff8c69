// SPDX-License-Identifier: Apache-2.0
// Texts, bytes, and types whose values are texts in the lake.
#include <charconv>

#include "base/uuid.h"
#include "capture/lsn.h"
#include "capture/source/wire_reader.h"
#include "capture/values/decoder_kinds.h"
#include "capture/values/long_text.h"
#include "capture/values/utf8.h"

namespace tarn::capture {
namespace {

Result<> AppendChecked(std::string_view value, int64_t characters, ColumnBuilder& out) {
  if (!IsText(value)) {
    return Fail(ErrorKind::kInvalidArgument, "a text is not well-formed UTF-8");
  }
  const auto bytes = static_cast<int64_t>(value.size());
  if (bytes > kTextBytesMax) {
    return ValueDoesNotFit("text", value, "VARCHAR",
                           fmt::format("It has {} bytes, more than {}.", bytes, kTextBytesMax));
  }
  if (characters > 0 && bytes > characters && CharacterCount(value) > characters) {
    return ValueDoesNotFit("text", value, fmt::format("VARCHAR({})", characters),
                           "The column's length has changed at the source.");
  }
  return out.AppendBytes(value);
}

/// The same in both forms.
class TextDecoder : public ValueDecoder {
 public:
  TextDecoder(int64_t characters, bool takes_binary)
      : characters_(characters), takes_binary_(takes_binary) {}
  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    return AppendChecked(value, characters_, out);
  }
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    return AppendChecked(value, characters_, out);
  }
  bool takes_binary() const override { return takes_binary_; }

 private:
  int64_t characters_;
  bool takes_binary_;
};

/// "char": one byte. Zero is the empty text, and what is no ASCII is a backslash and three octal
/// digits (PostgreSQL 16, char.c).
class CharDecoder : public ValueDecoder {
 public:
  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    if (value.size() != 1) return MalformedValue("\"char\"");
    const auto byte = static_cast<uint8_t>(value[0]);
    if (byte == 0) return out.AppendBytes("");
    if (byte < 0x80) return out.AppendBytes(value);
    const char octal[] = {'\\', static_cast<char>('0' + (byte >> 6)),
                          static_cast<char>('0' + (byte >> 3 & 7)),
                          static_cast<char>('0' + (byte & 7))};
    return out.AppendBytes({octal, sizeof(octal)});
  }
  /// Before version 16 the byte comes as it is.
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    return value.size() == 1 ? AppendBinary(value, out) : AppendChecked(value, 0, out);
  }
  bool takes_binary() const override { return true; }
};

template <typename Number>
class UnsignedTextDecoder : public ValueDecoder {
 public:
  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    if (value.size() != sizeof(Number)) return MalformedValue("identifier");
    char digits[20];
    const auto written =
        std::to_chars(digits, digits + sizeof(digits), LoadBigEndian<Number>(value.data()));
    return out.AppendBytes({digits, static_cast<size_t>(written.ptr - digits)});
  }
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    return AppendChecked(value, 0, out);
  }
  bool takes_binary() const override { return true; }
};

class LsnDecoder : public ValueDecoder {
 public:
  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    if (value.size() != sizeof(uint64_t)) return MalformedValue("pg_lsn");
    return out.AppendBytes(ToString(Lsn(LoadBigEndian<uint64_t>(value.data()))));
  }
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    return AppendChecked(value, 0, out);
  }
  bool takes_binary() const override { return true; }
};

constexpr char kHexDigits[] = "0123456789abcdef";

class UuidDecoder : public ValueDecoder {
 public:
  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    constexpr size_t kBytes = 16, kCharacters = 36;
    if (value.size() != kBytes) return MalformedValue("uuid");
    char text[kCharacters];
    char* at = text;
    for (size_t i = 0; i < kBytes; ++i) {
      if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
      const auto byte = static_cast<uint8_t>(value[i]);
      *at++ = kHexDigits[byte >> 4];
      *at++ = kHexDigits[byte & 0xF];
    }
    return out.AppendBytes({text, kCharacters});
  }
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    return AppendChecked(value, 0, out);
  }
  bool takes_binary() const override { return true; }
};

/// To Iceberg's uuid: the same sixteen bytes.
class PlainUuidDecoder : public ValueDecoder {
 public:
  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    if (value.size() != sizeof(Uuid::bytes)) return MalformedValue("uuid");
    out.AppendFixed(value.data(), value.size());
    return {};
  }
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    const auto uuid = Uuid::Parse(value);
    if (!uuid) return MalformedValue("uuid");
    out.AppendFixed(uuid->bytes.data(), uuid->bytes.size());
    return {};
  }
  bool takes_binary() const override { return true; }
};

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

class ByteaDecoder : public ValueDecoder {
 public:
  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    TARN_TRY(CheckSize(value.size()));
    return out.AppendBytes(value);
  }
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    if (!value.starts_with("\\x") || value.size() % 2 != 0) return MalformedValue("bytea");
    value.remove_prefix(2);
    TARN_TRY(CheckSize(value.size() / 2));
    LongText bytes(out);
    for (size_t i = 0; i < value.size(); i += 2) {
      const int high = HexValue(value[i]), low = HexValue(value[i + 1]);
      if (high < 0 || low < 0) return MalformedValue("bytea");
      bytes.Add(static_cast<char>(high << 4 | low));
    }
    return bytes.Finish();
  }
  bool takes_binary() const override { return true; }

 private:
  static Result<> CheckSize(size_t bytes) {
    if (static_cast<int64_t>(bytes) <= kBinaryBytesMax) return {};
    Error error{ErrorKind::kInvalidArgument,
                fmt::format("a bytea of {} bytes does not fit into BINARY", bytes),
                fmt::format("At most {} bytes do.", kBinaryBytesMax),
                {}};
    return std::unexpected(std::move(error));
  }
};

}  // namespace

std::unique_ptr<ValueDecoder> MakeTextDecoder(const TargetType& text) {
  return std::make_unique<TextDecoder>(text.length, true);
}

std::unique_ptr<ValueDecoder> MakeOutputTextDecoder() {
  return std::make_unique<TextDecoder>(0, false);
}

std::unique_ptr<ValueDecoder> MakeCharDecoder() { return std::make_unique<CharDecoder>(); }

std::unique_ptr<ValueDecoder> MakeUnsignedTextDecoder(size_t width) {
  if (width == sizeof(uint32_t)) return std::make_unique<UnsignedTextDecoder<uint32_t>>();
  return std::make_unique<UnsignedTextDecoder<uint64_t>>();
}

std::unique_ptr<ValueDecoder> MakeLsnDecoder() { return std::make_unique<LsnDecoder>(); }

std::unique_ptr<ValueDecoder> MakeUuidDecoder() { return std::make_unique<UuidDecoder>(); }

std::unique_ptr<ValueDecoder> MakePlainUuidDecoder() {
  return std::make_unique<PlainUuidDecoder>();
}

std::unique_ptr<ValueDecoder> MakeByteaDecoder() { return std::make_unique<ByteaDecoder>(); }

}  // namespace tarn::capture
