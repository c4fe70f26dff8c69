// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/array_reader.h"

#include "server/postgres/message_reader.h"
#include "server/postgres/parameter_reader.h"
#include "server/postgres/text_form.h"
#include "server/postgres/type_map.h"

namespace tarn::server::postgres {
namespace {

using warehouse::StatementResult;

void AppendString(std::string_view text, std::string& json) {
  json += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<uint8_t>(c) < 0x20) {
      json += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      json += c;
    }
  }
  json += '"';
}

bool IsNumber(uint32_t element) {
  return element == oid::kInt2 || element == oid::kInt4 || element == oid::kInt8 ||
         element == oid::kOid || element == oid::kFloat4 || element == oid::kFloat8 ||
         element == oid::kNumeric;
}

/// An element's text, checked for its type, as a JSON value.
StatementResult<> AppendElement(std::string_view text, uint32_t element, std::string& json) {
  if (element == oid::kJson || element == oid::kJsonb) {
    json += text;
    return {};
  }
  TARN_STATEMENT_ASSIGN(const warehouse::BoundValue read,
                        ReadParameter(element, {}, Format::kText, text));
  if (const bool* const value = std::get_if<bool>(&read.value)) {
    json += *value ? "true" : "false";
  } else if (IsNumber(element) && text != "NaN" && !text.ends_with("nfinity")) {
    json += text;
  } else {
    AppendString(text, json);
  }
  return {};
}

class TextReader {
 public:
  TextReader(std::string_view text, uint32_t element) : rest_(text), element_(element) {}

  StatementResult<std::string> Read() {
    std::string json = "[";
    SkipSpace();
    if (!Take('{')) return Malformed();
    SkipSpace();
    if (!Take('}')) {
      do {
        if (json.size() > 1) json += ',';
        TARN_STATEMENT_TRY(Element(json));
        SkipSpace();
      } while (Take(','));
      if (!Take('}')) return Malformed();
    }
    SkipSpace();
    if (!rest_.empty()) return Malformed();
    return json + "]";
  }

 private:
  StatementResult<> Element(std::string& json) {
    SkipSpace();
    if (!rest_.empty() && rest_[0] == '{') {
      return FailState(sqlstate::kNotSupported, "arrays of several dimensions are not supported");
    }
    std::string text;
    const bool quoted = Take('"');
    while (true) {
      if (rest_.empty()) return Malformed();
      char c = rest_[0];
      if (quoted ? c == '"' : c == ',' || c == '}') break;
      if (!quoted && (c == '{' || c == '"')) return Malformed();
      rest_.remove_prefix(1);
      if (c == '\\') {
        if (rest_.empty()) return Malformed();
        c = rest_[0];
        rest_.remove_prefix(1);
      }
      text += c;
    }
    if (quoted) {
      rest_.remove_prefix(1);
    } else {
      while (!text.empty() && text.back() == ' ') text.pop_back();
      if (text.empty()) return Malformed();
      if (text.size() == 4 && (text == "NULL" || text == "null")) {
        json += "null";
        return {};
      }
    }
    return AppendElement(text, element_, json);
  }

  std::unexpected<warehouse::StatementError> Malformed() const {
    return FailState(sqlstate::kInvalidText, "malformed array literal");
  }
  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void SkipSpace() {
    while (Take(' ')) {
    }
  }

  std::string_view rest_;
  uint32_t element_;
};

/// A value that Bind would take in binary form, as the text that PostgreSQL writes.
StatementResult<std::string> TextOf(std::string_view bytes, uint32_t element) {
  TARN_STATEMENT_ASSIGN(const warehouse::BoundValue read,
                        ReadParameter(element, {}, Format::kBinary, bytes));
  if (read.text) return *read.text;
  char text[kTextFormMax];
  const auto until = [&text](const char* end) {
    return std::string(text, static_cast<size_t>(end - text));
  };
  if (const bool* const value = std::get_if<bool>(&read.value)) return *value ? "true" : "false";
  if (const double* const value = std::get_if<double>(&read.value)) {
    return until(WriteDouble(text, *value));
  }
  if (const auto* const days = std::get_if<int32_t>(&read.value)) {
    return until(WriteDate(text, *days));
  }
  if (const auto* const value = std::get_if<int64_t>(&read.value)) {
    switch (read.type.kind) {
      case sql::DataTypeKind::kTime:
        return until(WriteTime(text, *value));
      case sql::DataTypeKind::kTimestampNtz:
        return until(WriteTimestamp(text, *value));
      case sql::DataTypeKind::kTimestampLtz:
        return until(WriteTimestampTz(text, *value, 0));
      default:
        return until(WriteInteger(text, *value));
    }
  }
  const auto* const raw = std::get_if<std::string>(&read.value);
  if (raw != nullptr && element == oid::kUuid && raw->size() == 16) {
    return until(WriteUuid(text, reinterpret_cast<const uint8_t*>(raw->data())));
  }
  std::string hex;
  if (raw != nullptr) {
    for (const char c : *raw) hex += fmt::format("{:02x}", static_cast<uint8_t>(c));
  }
  return hex;
}

}  // namespace

StatementResult<std::string> ArrayTextToJson(std::string_view text, uint32_t element_oid) {
  return TextReader(text, element_oid).Read();
}

StatementResult<std::string> ArrayBytesToJson(std::string_view bytes, uint32_t element_oid) {
  MessageReader reader(bytes);
  const int32_t dimensions = reader.Int32();
  reader.Int32();  // whether there are nulls: the elements tell
  const auto sent_oid = static_cast<uint32_t>(reader.Int32());
  const auto malformed = [] {
    return FailState(sqlstate::kInvalidBinary, "incorrect binary data format in array");
  };
  if (reader.failed() || dimensions < 0) return malformed();
  if (sent_oid != element_oid) {
    return FailState("42804", "binary data has array element type {} instead of expected {}",
                     sent_oid, element_oid);
  }
  if (dimensions > 1) {
    return FailState(sqlstate::kNotSupported, "arrays of several dimensions are not supported");
  }
  std::string json = "[";
  if (dimensions == 1) {
    const int32_t count = reader.Int32();
    reader.Int32();  // the first index
    if (count < 0) return malformed();
    for (int32_t i = 0; i < count && !reader.failed(); ++i) {
      if (i > 0) json += ',';
      const auto value = reader.Value();
      if (reader.failed()) break;
      if (!value) {
        json += "null";
        continue;
      }
      TARN_STATEMENT_ASSIGN(const std::string text, TextOf(*value, element_oid));
      TARN_STATEMENT_TRY(
          AppendElement(text, element_oid == oid::kBytea ? oid::kText : element_oid, json));
    }
  }
  if (!reader.Finish()) return malformed();
  return json + "]";
}

}  // namespace tarn::server::postgres
