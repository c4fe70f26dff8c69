// SPDX-License-Identifier: Apache-2.0
// json, jsonb and money: VARIANT, kept as compact JSON text.
#include <algorithm>

#include "capture/source/wire_reader.h"
#include "capture/values/decoder_kinds.h"
#include "capture/values/long_text.h"
#include "capture/values/utf8.h"

namespace tarn::capture {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Where a string that begins at `at` ends: behind its closing quote.
size_t EndOfString(std::string_view text, size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

/// PostgreSQL has checked the text; blanks outside of strings go, everything else stays as it is:
/// the order of keys, keys that come twice, the digits of numbers.
Result<> AppendCompact(std::string_view text, ColumnBuilder& out) {
  if (!IsText(text)) return MalformedValue("json");
  if (static_cast<int64_t>(text.size()) > kTextBytesMax) {
    return ValueDoesNotFit(
        "json", text, "VARIANT",
        fmt::format("It has {} bytes, more than {}.", text.size(), kTextBytesMax));
  }
  LongText compact(out);
  size_t kept_from = 0;
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      at = EndOfString(text, at);
    } else if (IsBlank(text[at])) {
      compact.Add(text.substr(kept_from, at - kept_from));
      while (at < text.size() && IsBlank(text[at])) ++at;
      kept_from = at;
    } else {
      ++at;
    }
  }
  compact.Add(text.substr(kept_from));
  return compact.Finish();
}

class JsonDecoder : public ValueDecoder {
 public:
  explicit JsonDecoder(bool has_version) : has_version_(has_version) {}
  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    constexpr char kVersion = 1;
    if (has_version_) {
      if (value.empty() || value[0] != kVersion) return MalformedValue("jsonb");
      value.remove_prefix(1);
    }
    return AppendCompact(value, out);
  }
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    return AppendCompact(value, out);
  }
  bool takes_binary() const override { return true; }

 private:
  bool has_version_;
};

/// A number of the currency's smallest unit becomes a JSON number of the currency.
class MoneyDecoder : public ValueDecoder {
 public:
  explicit MoneyDecoder(size_t fraction_digits) : fraction_digits_(fraction_digits) {}

  Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const override {
    if (value.size() != sizeof(int64_t)) return MalformedValue("money");
    const auto units = LoadBigEndian<int64_t>(value.data());
    const uint64_t size = units < 0 ? -static_cast<uint64_t>(units) : static_cast<uint64_t>(units);
    return Append(units < 0, size, out);
  }

  /// How it is written depends on lc_monetary: "$1,234.50", "-1.234,50 €", "($1.00)". The digits
  /// are always there, and all of them.
  Result<> AppendText(std::string_view value, ColumnBuilder& out) const override {
    uint64_t size = 0;
    bool negative = false, any = false;
    for (const char c : value) {
      if (c == '-' || c == '(') negative = true;
      if (c < '0' || c > '9') continue;
      any = true;
      if (__builtin_mul_overflow(size, 10, &size) ||
          __builtin_add_overflow(size, static_cast<uint64_t>(c - '0'), &size)) {
        return MalformedValue("money");
      }
    }
    if (!any) return MalformedValue("money");
    return Append(negative, size, out);
  }
  bool takes_binary() const override { return true; }

 private:
  Result<> Append(bool negative, uint64_t units, ColumnBuilder& out) const {
    constexpr size_t kLongest = 40;
    char text[kLongest];
    char* at = text + kLongest;
    for (size_t digit = 0; units > 0 || digit <= fraction_digits_; ++digit) {
      if (digit == fraction_digits_ && digit > 0) *--at = '.';
      *--at = static_cast<char>('0' + units % 10);
      units /= 10;
    }
    if (negative) *--at = '-';
    return out.AppendBytes({at, static_cast<size_t>(text + kLongest - at)});
  }

  size_t fraction_digits_;
};

}  // namespace

std::unique_ptr<ValueDecoder> MakeJsonDecoder(bool has_version) {
  return std::make_unique<JsonDecoder>(has_version);
}

std::unique_ptr<ValueDecoder> MakeMoneyDecoder(int32_t fraction_digits) {
  // PostgreSQL takes more for nonsense and uses two (cash.c).
  constexpr int32_t kMost = 10, kUsual = 2;
  if (fraction_digits < 0 || fraction_digits > kMost) fraction_digits = kUsual;
  return std::make_unique<MoneyDecoder>(static_cast<size_t>(fraction_digits));
}

}  // namespace tarn::capture
