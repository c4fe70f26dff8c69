// SPDX-License-Identifier: Apache-2.0
// JSON written straight into a string: metadata files are written on every commit, and building a
// document tree first would cost several times as much.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace tarn::iceberg {

/// Appends JSON to `out`, placing commas. The caller balances Begin and End and gives every member
/// of an object a key. Not thread-safe.
class JsonText {
 public:
  explicit JsonText(std::string* out) : out_(out) {}

  void BeginObject() { Open('{'); }
  void EndObject() { Close('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Close(']'); }

  /// `name` is written as it is: the constants of metadata_fields.h need no escaping.
  void Key(std::string_view name);
  /// A key from outside.
  void EscapedKey(std::string_view name);

  void String(std::string_view text);
  void Int(int64_t number);
  void Bool(bool value) { Raw(value ? "true" : "false"); }
  /// A complete JSON value as text.
  void Raw(std::string_view json);

  void Member(std::string_view name, std::string_view text) {
    Key(name);
    String(text);
  }
  void Member(std::string_view name, int64_t number) {
    Key(name);
    Int(number);
  }

 private:
  void Comma() {
    if (needs_comma_) out_->push_back(',');
  }
  void Open(char bracket);
  void Close(char bracket);
  void AppendEscaped(std::string_view text);

  std::string* out_;
  bool needs_comma_ = false;
};

/// An object of strings.
void WriteStringMap(const std::map<std::string, std::string>& map, JsonText& out);

/// Whether the text is UTF-8 without surrogates or overlong forms. Long ASCII stretches are fast.
bool IsValidUtf8(std::string_view text);

}  // namespace tarn::iceberg
