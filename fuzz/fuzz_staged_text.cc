// SPDX-License-Identifier: Apache-2.0
// Staged files of CSV and JSON: the first byte says which, and with what options.
#include <cstdio>
#include <cstdlib>

#include "engine/functions/variant_parse.h"
#include "fuzz/target.h"
#include "warehouse/stages/delimited_text.h"
#include "warehouse/stages/json_values.h"

namespace {

using namespace tarn;

void Check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void ReadDelimited(std::string_view text, uint8_t options) {
  warehouse::DelimitedFormat format;
  if ((options & 2) != 0) format.enclosed_by = "\"";
  if ((options & 4) != 0) format.escape = "\\";
  if ((options & 8) != 0) format.field_delimiter = "||";
  if ((options & 16) != 0) format.record_delimiter = ";";
  format.skip_blank_lines = format.trim_space = (options & 32) != 0;
  format.skip_header = (options & 64) != 0 ? 1 : 0;
  if ((options & 128) != 0) format.field_delimiter.clear();
  warehouse::DelimitedReader reader(text, format);
  warehouse::DelimitedReader::Record record;
  size_t bytes = 0, records = 0;
  while (reader.Next(record)) {
    ++records;
    Check(record.size() <= warehouse::DelimitedReader::kFieldsMax, "a record is too wide");
    for (const auto& field : record) bytes += field ? field->size() : 0;
  }
  Check(bytes <= text.size() && records <= text.size(), "more came out than went in");
}

void ReadJson(std::string_view text, bool strip) {
  warehouse::JsonValues values(text, strip);
  size_t bytes = 0;
  for (std::string_view value; values.Next(value);) {
    Check(!value.empty(), "a value is empty");
    bytes += value.size();
    const auto parsed = engine::ParseVariant(value, engine::DuplicateKeys::kLastWins);
    if (!parsed) continue;
    const auto again = engine::ParseVariant(*parsed, engine::DuplicateKeys::kRefused);
    Check(again.has_value(), "the canonical form is no JSON");
  }
  Check(bytes <= 2 * text.size(), "values overlap");
}

}  // namespace

std::vector<std::string> SeedInputs() {
  const auto with = [](uint8_t options, const std::string& text) {
    return std::string(1, static_cast<char>(options)) + text;
  };
  return {with(0,
               "\xef\xbb\xbf"
               "1,a\\,b,\\N\r\n3,,\n\n4"),
          with(2 | 4, "\"a,\"\"b\\\"\nc\" ,x\n\"open"),
          with(8 | 16 | 32, "h; a||b ;;c||d"),
          with(64 | 128, "head\nall of a line, and more\n"),
          with(1, "{\"a\": [1, \"x}\\\"\", null], \"b\": {}}\n-1.5e3 [] \"s\", true"),
          with(1 | 2, "[{\"a\": 1}, [2], \"x,y\", null, {'k': NaN}]")};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  if ((data[0] & 1) != 0) {
    ReadJson(text, (data[0] & 2) != 0);
  } else {
    ReadDelimited(text, data[0]);
  }
  return 0;
}
