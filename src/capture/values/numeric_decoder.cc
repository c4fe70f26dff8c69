// SPDX-License-Identifier: Apache-2.0
// numeric: digits of base 10,000 with a weight, a sign and a scale for display (PostgreSQL,
// numeric.c: numeric_send, numeric_out).
#include <algorithm>
#include <array>

#include "capture/source/wire_reader.h"
#include "capture/values/decoder_kinds.h"
#include "capture/values/long_text.h"

namespace tarn::capture {
namespace {

using Unsigned = unsigned __int128;

constexpr int32_t kDecimalDigits = 38;
constexpr int32_t kBaseDigits = 4;
constexpr uint16_t kBase = 10'000;
constexpr size_t kHeaderBytes = 8;

constexpr std::array<Unsigned, kDecimalDigits + 1> kPowers = [] {
  std::array<Unsigned, kDecimalDigits + 1> powers{1};
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

Unsigned Power(int32_t exponent) { return kPowers[static_cast<size_t>(exponent)]; }

enum class Sign : uint16_t {
  kPositive = 0x0000,
  kNegative = 0x4000,
  kNan = 0xC000,
  kInfinity = 0xD000,
  kMinusInfinity = 0xF000,
};

struct Numeric {
  int32_t count = 0;   ///< of digits
  int32_t weight = 0;  ///< of the first digit: 10,000 to the power of it
  Sign sign = Sign::kPositive;
  int32_t shown_scale = 0;
  const char* digits = nullptr;

  uint16_t digit(int32_t index) const {
    return LoadBigEndian<uint16_t>(digits + static_cast<size_t>(index) * sizeof(uint16_t));
  }
  bool finite() const { return sign == Sign::kPositive || sign == Sign::kNegative; }
};

bool Read(std::string_view value, Numeric& numeric) {
  if (value.size() < kHeaderBytes) return false;
  const char* const at = value.data();
  numeric.count = LoadBigEndian<uint16_t>(at);
  numeric.weight = LoadBigEndian<int16_t>(at + 2);
  numeric.sign = static_cast<Sign>(LoadBigEndian<uint16_t>(at + 4));
  numeric.shown_scale = LoadBigEndian<uint16_t>(at + 6);
  numeric.digits = at + kHeaderBytes;
  if (value.size() != kHeaderBytes + static_cast<size_t>(numeric.count) * sizeof(uint16_t)) {
    return false;
  }
  if (!numeric.finite() && numeric.sign != Sign::kNan && numeric.sign != Sign::kInfinity &&
      numeric.sign != Sign::kMinusInfinity) {
    return false;
  }
  for (int32_t i = 0; i < numeric.count; ++i) {
    if (numeric.digit(i) >= kBase) return false;
  }
  return true;
}

/// Digits from the left, as many as the scale keeps. False: 38 are not enough.
class ScaledNumber {
 public:
  /// Appends the number's next `digits` digits.
  bool Append(Unsigned value, int32_t digits) {
    if (number_ >= Power(kDecimalDigits - digits)) return false;
    number_ = number_ * Power(digits) + value;
    return true;
  }
  bool Shift(int32_t digits) {
    if (number_ == 0) return true;
    if (digits > kDecimalDigits || number_ >= Power(kDecimalDigits - digits)) return false;
    number_ *= Power(digits);
    return true;
  }
  void RoundUp() { ++number_; }
  bool FitsInto(int32_t precision) const { return number_ < Power(precision); }
  __int128 value(bool negative) const {
    const auto number = static_cast<__int128>(number_);
    return negative ? -number : number;
  }

 private:
  Unsigned number_ = 0;
};

/// The number times 10 to the power of `scale`, half rounded away from zero.
bool Scale(const Numeric& numeric, int32_t scale, ScaledNumber& number) {
  for (int32_t i = 0; i < numeric.count; ++i) {
    // How many decimal digits of those that are kept come behind this one of base 10,000.
    const int32_t behind = kBaseDigits * (numeric.weight - i) + scale;
    const uint16_t digit = numeric.digit(i);
    if (behind >= 0) {
      if (!number.Append(digit, kBaseDigits)) return false;
      if (i + 1 == numeric.count) return number.Shift(behind);
    } else if (behind > -kBaseDigits) {
      const auto cut = static_cast<uint16_t>(Power(-behind));
      if (!number.Append(digit / cut, kBaseDigits + behind)) return false;
      if (digit % cut >= cut / 2) number.RoundUp();
      return true;
    } else {
      if (behind == -kBaseDigits && digit >= kBase / 2) number.RoundUp();
      return true;
    }
  }
  return true;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// Likewise of the text form, which has no exponent. False: too many digits.
bool ScaleText(std::string_view digits, int32_t scale, ScaledNumber& number) {
  const size_t point = std::min(digits.find('.'), digits.size());
  for (const char c : digits.substr(0, point)) {
    if (!number.Append(static_cast<Unsigned>(c - '0'), 1)) return false;
  }
  const std::string_view fraction = digits.substr(std::min(point + 1, digits.size()));
  const size_t kept = std::min(fraction.size(), static_cast<size_t>(scale));
  for (const char c : fraction.substr(0, kept)) {
    if (!number.Append(static_cast<Unsigned>(c - '0'), 1)) return false;
  }
  if (kept < fraction.size() && fraction[kept] >= '5') number.RoundUp();
  return number.Shift(scale - static_cast<int32_t>(kept));
}

/// "12.34", without a sign.
bool IsPlainNumber(std::string_view text) {
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  return point > 0 && std::ranges::all_of(text.substr(0, point), IsDigit) &&
         std::ranges::all_of(fraction, IsDigit) && (point == text.size() || !fraction.empty());
}

bool IsSpecial(std::string_view text) {
  return text == "NaN" || text == "Infinity" || text == "-Infinity";
}

void AddDigit(LongText& out, uint16_t digit, int32_t first, int32_t last) {
  const char shown[kBaseDigits] = {
      static_cast<char>('0' + digit / 1000), static_cast<char>('0' + digit / 100 % 10),
      static_cast<char>('0' + digit / 10 % 10), static_cast<char>('0' + digit % 10)};
  out.Add(std::string_view(shown, kBaseDigits)
              .substr(static_cast<size_t>(first), static_cast<size_t>(last - first)));
}

uint16_t DigitOrZero(const Numeric& numeric, int32_t index) {
  return index >= 0 && index < numeric.count ? numeric.digit(index) : uint16_t{0};
}

/// As numeric_out writes it.
void AddNumber(LongText& out, const Numeric& numeric) {
  if (numeric.sign == Sign::kNegative) out.Add('-');
  if (numeric.weight < 0) out.Add('0');
  for (int32_t i = 0; i <= numeric.weight; ++i) {
    const uint16_t digit = DigitOrZero(numeric, i);
    int32_t first = 0;
    if (i == 0) first = digit >= 1000 ? 0 : digit >= 100 ? 1 : digit >= 10 ? 2 : 3;
    AddDigit(out, digit, first, kBaseDigits);
  }
  if (numeric.shown_scale == 0) return;
  out.Add('.');
  // Of a number far below 1, digits before the first are zeros, too.
  int32_t left = numeric.shown_scale;
  for (int32_t i = numeric.weight + 1; left > 0; ++i, left -= kBaseDigits) {
    AddDigit(out, DigitOrZero(numeric, i), 0, std::min(left, kBaseDigits));
  }
}

class NumericDecoder : public ValueDecoder {
 public:
  explicit NumericDecoder(const TargetType& target) : target_(target) {}

  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    Numeric numeric;
    if (!Read(value, numeric)) return MalformedValue("numeric");
    if (!numeric.finite()) {
      out.AppendNull();
      return {};
    }
    ScaledNumber number;
    if (!Scale(numeric, target_.scale, number) || !number.FitsInto(target_.precision)) {
      return DoesNotFit(TextOf(numeric));
    }
    out.AppendValue(number.value(numeric.sign == Sign::kNegative));
    return {};
  }

  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    if (IsSpecial(value)) {
      out.AppendNull();
      return {};
    }
    const bool negative = value.starts_with('-');
    const std::string_view digits = value.substr(negative ? 1 : 0);
    if (!IsPlainNumber(digits)) return MalformedValue("numeric");
    ScaledNumber number;
    if (!ScaleText(digits, target_.scale, number) || !number.FitsInto(target_.precision)) {
      return DoesNotFit(value);
    }
    out.AppendValue(number.value(negative));
    return {};
  }

  bool takes_binary() const override { return true; }

 private:
  static std::string TextOf(const Numeric& numeric) {
    ColumnBuilder text(Type::Primitive(TypeKind::kString));
    LongText out(text);
    AddNumber(out, numeric);
    if (!out.Finish()) return {};
    const ColumnView view = text.View();
    return {reinterpret_cast<const char*>(view.values), view.values_bytes};
  }
  std::unexpected<Error> DoesNotFit(std::string_view value) const {
    return ValueDoesNotFit("numeric", value, ToString(target_),
                           "The column's precision or scale has changed at the source.");
  }

  TargetType target_;
};

class NumericTextDecoder : public ValueDecoder {
 public:
  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    Numeric numeric;
    if (!Read(value, numeric)) return MalformedValue("numeric");
    if (numeric.sign == Sign::kNan) return out.AppendBytes("NaN");
    if (numeric.sign == Sign::kInfinity) return out.AppendBytes("Infinity");
    if (numeric.sign == Sign::kMinusInfinity) return out.AppendBytes("-Infinity");
    LongText text(out);
    AddNumber(text, numeric);
    return text.Finish();
  }
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    if (!IsSpecial(value) && !IsPlainNumber(value.substr(value.starts_with('-') ? 1 : 0))) {
      return MalformedValue("numeric");
    }
    return out.AppendBytes(value);
  }
  bool takes_binary() const override { return true; }
};

}  // namespace

std::unique_ptr<ValueDecoder> MakeNumericDecoder(const TargetType& number) {
  return std::make_unique<NumericDecoder>(number);
}

std::unique_ptr<ValueDecoder> MakeNumericTextDecoder() {
  return std::make_unique<NumericTextDecoder>();
}

}  // namespace tarn::capture
