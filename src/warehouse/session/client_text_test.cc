// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/client_text.h"

#include <gtest/gtest.h>

namespace tarn::warehouse {
namespace {

ClientText Read(std::string_view text) {
  return {text, {.backslash_escapes = false, .dollar_parameters = true}};
}

TEST(ClientTextTest, SnowflakesOwnDialectIsLeftAlone) {
  const ClientText text(R"(SELECT 'a\'b', $1)", {});
  EXPECT_EQ(text.text(), R"(SELECT 'a\'b', $1)");
  EXPECT_EQ(text.parameters(), 0);
}

TEST(ClientTextTest, BackslashesOfStringsStandForThemselves) {
  EXPECT_EQ(Read(R"(SELECT '\', ''''';')").text(), R"(SELECT '\\', ''''';')");
  EXPECT_EQ(Read(R"('a\' OR 1=1 --')").text(), R"('a\\' OR 1=1 --')");
  // Nothing of these is a string.
  for (const char* text : {R"(SELECT "a\")", "-- it's\\\nSELECT 1", "/* '\\ */ 1", "$$ '\\' $$",
                           "LIST @stage/it\\", "SELECT a'"}) {
    EXPECT_EQ(Read(text).text(), text);
  }
}

TEST(ClientTextTest, PositionsAreThoseOfWhatWasWritten) {
  const ClientText text = Read(R"('\' x '\\' y)");
  EXPECT_EQ(text.text(), R"('\\' x '\\\\' y)");
  EXPECT_EQ(text.WrittenOffset(static_cast<int64_t>(text.text().find('x'))), 4);
  EXPECT_EQ(text.WrittenOffset(static_cast<int64_t>(text.text().find('y'))), 11);
  EXPECT_EQ(text.WrittenOffset(0), 0);
}

TEST(ClientTextTest, DollarsAreParametersOutsideOfStringsOnly) {
  const ClientText text = Read("SELECT $2, '$3', a$1, \"$4\", $1::INT, $x");
  EXPECT_EQ(text.text(), "SELECT :2, '$3', a$1, \"$4\", :1::INT, $x");
  EXPECT_EQ(text.parameters(), 2);
}

}  // namespace
}  // namespace tarn::warehouse
