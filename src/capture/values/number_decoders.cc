// SPDX-License-Identifier: Apache-2.0
// Numbers as their send and output functions give them (PostgreSQL: int.c, float.c, bool.c).
#include <charconv>
#include <string>

#include "capture/source/wire_reader.h"
#include "capture/values/decoder_kinds.h"

namespace tarn::capture {
namespace {

/// The whole text is one number.
template <typename Number>
bool ParseWhole(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stopped == end;
}

/// Of any width in binary: the stream may still give what a column was before ALTER TYPE. `Stored`:
/// as the column has it.
template <typename Integer, typename Stored>
class IntegerDecoder : public ValueDecoder {
 public:
  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    switch (value.size()) {
      case sizeof(int16_t):
        return Append(LoadBigEndian<int16_t>(value.data()), out);
      case sizeof(int32_t):
        return Append(LoadBigEndian<int32_t>(value.data()), out);
      case sizeof(int64_t):
        return Append(LoadBigEndian<int64_t>(value.data()), out);
      default:
        return MalformedValue("integer");
    }
  }
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    Integer number;
    if (!ParseWhole(value, number)) return MalformedValue("integer");
    return Append(number, out);
  }
  bool takes_binary() const override { return true; }

 private:
  static Result<> Append(int64_t number, ColumnBuilder& out) {
    const auto stored = static_cast<Stored>(number);
    if (stored != number) {
      return ValueDoesNotFit("bigint", std::to_string(number), "int",
                             "The column's type has changed at the source.");
    }
    out.AppendValue(stored);
    return {};
  }
};

/// float4 is read as such also from text, or the two forms of a value would differ.
template <typename Float, typename Stored = double>
class FloatDecoder : public ValueDecoder {
 public:
  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    if (value.size() == sizeof(float)) {
      out.AppendValue(
          static_cast<Stored>(std::bit_cast<float>(LoadBigEndian<uint32_t>(value.data()))));
    } else if (value.size() == sizeof(double)) {
      out.AppendValue(
          static_cast<Stored>(std::bit_cast<double>(LoadBigEndian<uint64_t>(value.data()))));
    } else {
      return MalformedValue("floating-point number");
    }
    return {};
  }
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    Float number;
    // Takes "NaN" and "Infinity", too.
    if (!ParseWhole(value, number)) return MalformedValue("floating-point number");
    out.AppendValue(static_cast<Stored>(number));
    return {};
  }
  bool takes_binary() const override { return true; }
};

class BooleanDecoder : public ValueDecoder {
 public:
  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    if (value.size() != 1) return MalformedValue("boolean");
    out.AppendBoolean(value[0] != 0);
    return {};
  }
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    if (value != "t" && value != "f") return MalformedValue("boolean");
    out.AppendBoolean(value == "t");
    return {};
  }
  bool takes_binary() const override { return true; }
};

}  // namespace

std::unique_ptr<ValueDecoder> MakeIntegerDecoder(size_t width) {
  if (width == sizeof(int16_t)) return std::make_unique<IntegerDecoder<int16_t, __int128>>();
  if (width == sizeof(int32_t)) return std::make_unique<IntegerDecoder<int32_t, __int128>>();
  return std::make_unique<IntegerDecoder<int64_t, __int128>>();
}

std::unique_ptr<ValueDecoder> MakePlainIntDecoder() {
  return std::make_unique<IntegerDecoder<int64_t, int32_t>>();
}

std::unique_ptr<ValueDecoder> MakePlainLongDecoder() {
  return std::make_unique<IntegerDecoder<int64_t, int64_t>>();
}

std::unique_ptr<ValueDecoder> MakeFloat4Decoder() {
  return std::make_unique<FloatDecoder<float>>();
}

std::unique_ptr<ValueDecoder> MakePlainFloatDecoder() {
  return std::make_unique<FloatDecoder<float, float>>();
}

std::unique_ptr<ValueDecoder> MakeFloat8Decoder() {
  return std::make_unique<FloatDecoder<double>>();
}

std::unique_ptr<ValueDecoder> MakeBooleanDecoder() { return std::make_unique<BooleanDecoder>(); }

}  // namespace tarn::capture
