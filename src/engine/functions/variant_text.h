// SPDX-License-Identifier: Apache-2.0
// Values of VARIANT, OBJECT and ARRAY as queries hold them: JSON text without blanks, keys sorted
// by their bytes, exact numbers without needless zeros, FLOAT always with an exponent. What JSON
// lacks is there too: `undefined` in arrays, NaN and Infinity, and, behind an `@` and a letter, the
// texts of other types: @D date, @T time, @N @L @Z timestamps, @B binary in hexadecimal digits.
// Reading needs no tree: values are found by skipping others. Texts of files may have blanks and
// unsorted keys; what is no JSON at all gives some value, but never reads beyond the text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tarn::engine {

enum class VariantKind : uint8_t {
  kUndefined,
  kNull,
  kBoolean,
  kInteger,
  kDecimal,
  kDouble,
  kText,
  kDate,
  kTime,
  kTimestampNtz,
  kTimestampLtz,
  kTimestampTz,
  kBinary,
  kArray,
  kObject,
};

/// Of a value's text.
VariantKind KindOf(std::string_view value);
/// As TYPEOF names it: "NULL_VALUE", "INTEGER", …
std::string_view TypeNameOf(VariantKind kind);
/// Kinds that are an `@`, a letter and a text.
bool IsTagged(VariantKind kind);
char TagOf(VariantKind kind);

/// Elements of an array's text, in order; none of any other value's.
class ArrayElements {
 public:
  explicit ArrayElements(std::string_view array);
  bool Next(std::string_view& element);

 private:
  std::string_view rest_;
};

/// Fields of an object's text, in order; none of any other value's.
class ObjectFields {
 public:
  explicit ObjectFields(std::string_view object);
  /// `key` is the quoted text.
  bool Next(std::string_view& key, std::string_view& value);

 private:
  std::string_view rest_;
};

/// Without quotes and escapes; of a tagged value its text.
std::string UnquotedText(std::string_view value);
void AppendQuoted(std::string& out, std::string_view text);
/// `key` is quoted.
bool KeyIs(std::string_view key, std::string_view name, bool ignore_case = false);

/// Nothing: there is no such field or element, or `value` has none.
std::optional<std::string_view> FieldOf(std::string_view value, std::string_view name,
                                        bool ignore_case = false);
std::optional<std::string_view> ElementOf(std::string_view value, int64_t index);

std::vector<std::string_view> ElementsOf(std::string_view array);
std::string ArrayOf(const std::vector<std::string_view>& elements);

/// A field as it is written: its name without quotes.
struct VariantField {
  std::string name;
  std::string_view value;
};
std::vector<VariantField> FieldsOf(std::string_view object);
/// Sorts by name. REQUIRES: no name twice.
std::string ObjectOf(std::vector<VariantField> fields);

/// The canonical form of a number's digits; `exact`: not FLOAT, at most 38 digits.
std::string NumberText(std::string_view number);
std::string DoubleVariant(double value);

/// What a value may become: deep levels make much of little, since every line is indented.
inline constexpr size_t kShownBytesMax = size_t{128} << 20;
/// The form that clients see: indented by `indent` blanks a level, or compact for 0. Times have
/// milliseconds. Cut off behind kShownBytesMax.
std::string ShownText(std::string_view value, int indent);
/// Compact JSON that any reader understands: no tags, no `undefined`, no NaN. For files.
std::string PlainJson(std::string_view value);

/// Bytes that compare as the values do: equal for equal numbers of any kind. Order of kinds:
/// BOOLEAN, numbers, texts, times, BINARY, OBJECT, ARRAY, JSON null, undefined.
std::string SortKeyOf(std::string_view value);

}  // namespace tarn::engine
