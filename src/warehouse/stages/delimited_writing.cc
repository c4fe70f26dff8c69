// SPDX-License-Identifier: Apache-2.0
#include "warehouse/stages/delimited_writing.h"

namespace tarn::warehouse {

void DelimitedWriting::AddField(const std::optional<std::string_view>& field, bool enclosed,
                                std::string& record) {
  if (begun_) record += format_.field_delimiter;
  begun_ = true;
  const bool encloses = enclosed && !format_.enclosed_by.empty();
  if (!field) {
    // As Snowflake's page has it: 'null' in a column of texts; but what stands for NULL is not
    // escaped, so where it has the character it must not be read as enclosed.
    if (format_.null_if.empty()) return;
    const std::string& null = format_.null_if[0];
    const bool plain = !encloses || (!format_.escape.empty() && null.contains(format_.escape[0]));
    if (!plain) record += format_.enclosed_by;
    record += null;
    if (!plain) record += format_.enclosed_by;
    return;
  }
  if (encloses) {
    AddEnclosed(*field, record);
  } else if (field->empty() && format_.empty_is_null) {
    // An empty field would be NULL.
    record += "\"\"";
  } else {
    AddPlain(*field, record);
  }
}

void DelimitedWriting::AddPlain(std::string_view field, std::string& record) const {
  const std::string& escape = format_.escape.empty() ? format_.escape_unenclosed : format_.escape;
  if (escape.empty()) {
    record += field;
    return;
  }
  for (const char c : field) {
    const bool record_end = format_.record_delimiter.empty() ? c == '\n' || c == '\r'
                                                             : c == format_.record_delimiter[0];
    const bool delimiter = !format_.field_delimiter.empty() && c == format_.field_delimiter[0];
    if (record_end || delimiter || c == escape[0]) record += escape;
    record += c;
  }
}

void DelimitedWriting::AddEnclosed(std::string_view field, std::string& record) const {
  const char mark = format_.enclosed_by[0];
  record += mark;
  for (const char c : field) {
    const bool escaped = !format_.escape.empty() && (c == format_.escape[0] || c == mark);
    if (escaped) {
      record += format_.escape;
    } else if (c == mark) {
      record += mark;
    }
    record += c;
  }
  record += mark;
}

void DelimitedWriting::EndRecord(std::string& record) {
  record += format_.record_delimiter.empty() ? "\n" : format_.record_delimiter;
  begun_ = false;
}

}  // namespace tarn::warehouse
