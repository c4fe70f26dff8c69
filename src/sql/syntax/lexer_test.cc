// SPDX-License-Identifier: Apache-2.0
#include "sql/syntax/lexer.h"

#include <gtest/gtest.h>

#include "sql/syntax/name.h"

namespace tarn::sql::syntax {
namespace {

/// The tokens' texts with `|` between them, the end left out.
std::string Tokens(std::string_view text) {
  const auto tokens = Tokenize(text);
  if (!tokens) return "error: " + tokens.error().message;
  std::string out;
  for (const Token& token : *tokens) {
    if (token.kind == TokenKind::kEnd) break;
    if (!out.empty()) out += '|';
    out += TextOf(text, token.span);
  }
  return out;
}

TokenKind KindOf(std::string_view text) {
  const auto tokens = Tokenize(text);
  EXPECT_TRUE(tokens.has_value()) << text;
  EXPECT_EQ(tokens->size(), 2U) << text;
  return tokens->front().kind;
}

TEST(Lexer, SplitsWordsNumbersAndPunctuation) {
  EXPECT_EQ(Tokens("select a1,b$2 from _t"), "select|a1|,|b$2|from|_t");
  EXPECT_EQ(Tokens("1 .5 1. 1.5e-3 2E+1 1e 3.x"), "1|.5|1.|1.5e-3|2E+1|1|e|3.|x");
  EXPECT_EQ(Tokens("a->b->>c=>d::e:=f:g||h<>i!=j<=k>=l**m"),
            "a|->|b|->>|c|=>|d|::|e|:=|f|:|g||||h|<>|i|!=|j|<=|k|>=|l|**|m");
  EXPECT_EQ(Tokens("(a)[0]{b}?;!%/*c*/-+"), "(|a|)|[|0|]|{|b|}|?|;|!|%|-|+");
}

TEST(Lexer, LeavesOutComments) {
  EXPECT_EQ(Tokens("a -- x\nb // y 'z\nc /* d /* e */ f"), "a|b|c|f");
  EXPECT_EQ(Tokens("a -- to the end"), "a");
  EXPECT_EQ(Tokens("\xEF\xBB\xBF"
                   "a\xC2\xA0\tb"),
            "a|b");
}

TEST(Lexer, ReadsStrings) {
  EXPECT_EQ(Tokens("'a''b' 'c\\'d' $$e'f$g$$ \"h\"\"i\" X'0a'"),
            "'a''b'|'c\\'d'|$$e'f$g$$|\"h\"\"i\"|X'0a'");
  EXPECT_EQ(KindOf("$$a$$"), TokenKind::kDollarString);
  EXPECT_EQ(KindOf("x'41'"), TokenKind::kBinary);
  EXPECT_EQ(KindOf("'-- /*'"), TokenKind::kString);
}

TEST(Lexer, DecodesEscapes) {
  EXPECT_EQ(DecodeString("'it''s'"), "it's");
  EXPECT_EQ(DecodeString(R"('a\'b\"c\\d')"), "a'b\"c\\d");
  EXPECT_EQ(DecodeString(R"('\b\f\n\r\t')"), "\b\f\n\r\t");
  EXPECT_EQ(DecodeString(R"('\z\%')"), "z%");
  EXPECT_EQ(DecodeString(R"('\101\x41\u0041\u00e9')"), "AAA\xC3\xA9");
  EXPECT_EQ(DecodeString(R"('a\0b')"), std::string("a\0b", 3));
  EXPECT_EQ(DecodeString(R"('\x4\u12')"), "x4u12");
  EXPECT_EQ(DecodeString(R"('\\d+')"), R"(\d+)");
  EXPECT_EQ(DecodeString(R"($$\d+$$)"), R"(\d+)");
  EXPECT_EQ(DecodeString("$$$$"), "");
  EXPECT_EQ(DecodeQuotedWord(R"("a""b")"), "a\"b");
}

TEST(Lexer, TellsTheDollarsApart) {
  EXPECT_EQ(KindOf("$1"), TokenKind::kPositional);
  EXPECT_EQ(KindOf("$name"), TokenKind::kSessionVariable);
  EXPECT_EQ(KindOf("SYSTEM$TYPEOF"), TokenKind::kWord);
  EXPECT_EQ(Tokens("t.$1:f"), "t|.|$1|:|f");
}

TEST(Lexer, ReadsStagesWithTheirPaths) {
  EXPECT_EQ(Tokens("@st/a-b/c=1.csv, @~/x (y) @%t; @db.s.\"My St\"/p) @db.s.%t"),
            "@st/a-b/c=1.csv|,|@~/x|(|y|)|@%t|;|@db.s.\"My St\"/p|)|@db.s.%t");
  EXPECT_EQ(Tokens("@st--c"), "@st");
  EXPECT_EQ(Tokens("@s/a//b"), "@s/a//b");
}

TEST(Lexer, ReadsFileUrlsInPutAndGetOnly) {
  EXPECT_EQ(Tokens("PUT file:///tmp/a.csv @s; GET @s file://C:\\x\\y;"),
            "PUT|file:///tmp/a.csv|@s|;|GET|@s|file://C:\\x\\y|;");
  EXPECT_EQ(Tokens("SELECT file://c"), "SELECT|file|:");
}

TEST(Lexer, KnowsWhichBracketClosesWhich) {
  const auto tokens = Tokenize("(a[1](b))").value();
  EXPECT_EQ(tokens[0].partner, 8U);
  EXPECT_EQ(tokens[2].partner, 4U);
  EXPECT_EQ(tokens[5].partner, 7U);
  EXPECT_EQ(Tokenize("(a]")->front().partner, 0U);
}

TEST(Lexer, ClassifiesWords) {
  EXPECT_EQ(Tokenize("sElEcT")->front().word_class, WordClass::kReserved);
  EXPECT_EQ(Tokenize("left")->front().word_class, WordClass::kNoTable);
  EXPECT_EQ(Tokenize("case")->front().word_class, WordClass::kNoColumn);
  EXPECT_EQ(Tokenize("date")->front().word_class, WordClass::kFree);
  EXPECT_TRUE(IsPlainName("ABC_1$"));
  EXPECT_FALSE(IsPlainName("abc"));
  EXPECT_FALSE(IsPlainName("1A"));
  EXPECT_FALSE(IsPlainName("SELECT"));
}

TEST(Lexer, RefusesWhatEndsTooEarly) {
  const std::string end = "parse error line 1 at position 2 near '<EOF>'.";
  for (const std::string_view text : {"'a", "\"a", "$$", "/*"}) {
    const auto tokens = Tokenize(text);
    ASSERT_FALSE(tokens.has_value()) << text;
    EXPECT_EQ(tokens.error().message, "001003 (42000): SQL compilation error:\n" + end);
  }
  EXPECT_FALSE(Tokenize("'a\\'").has_value());
  EXPECT_FALSE(Tokenize("'a\\").has_value());
}

TEST(Lexer, RefusesCharactersThatStartNoToken) {
  EXPECT_EQ(
      Tokens("a\n  ö"),
      "error: 001003 (42000): SQL compilation error:\nparse error line 2 at position 2 near 'ö'.");
  EXPECT_FALSE(Tokenize("a ^ b").has_value());
  EXPECT_FALSE(Tokenize("$ a").has_value());
  EXPECT_FALSE(Tokenize("@ a").has_value());
  EXPECT_FALSE(Tokenize("\"\"").has_value());
}

TEST(Lexer, RefusesWhatIsNotUtf8) {
  for (const std::string_view text :
       {"'\xff'", "'\xc0\x80'", "'\xed\xa0\x80'", "'\xf5\x80\x80\x80'", "'\xe2\x82'"}) {
    EXPECT_FALSE(Tokenize(text).has_value());
  }
  EXPECT_TRUE(Tokenize("'\xf0\x9f\x98\x80 \xe2\x82\xac'").has_value());
}

TEST(Source, CountsLinesFromOneAndCharactersFromZero) {
  const std::string_view text = "aé\nb\n\nçd";
  EXPECT_EQ(PositionAt(text, 0).line, 1U);
  EXPECT_EQ(PositionAt(text, 3).column, 2U);
  EXPECT_EQ(PositionAt(text, 4).line, 2U);
  EXPECT_EQ(PositionAt(text, 4).column, 0U);
  EXPECT_EQ(PositionAt(text, 9).line, 4U);
  EXPECT_EQ(PositionAt(text, 9).column, 1U);
  EXPECT_EQ(PositionAt(text, 1000).column, 2U);
  EXPECT_EQ(TextOf(text, {7, 3}), "");
}

}  // namespace
}  // namespace tarn::sql::syntax
