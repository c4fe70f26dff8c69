// SPDX-License-Identifier: Apache-2.0
// VARIANT, OBJECT and ARRAY: values from the examples of Snowflake's documentation, and its rules
// for nulls, casts and comparisons.
#include <gtest/gtest.h>

#include "sql/testing/query_fixture.h"

namespace tarn::sql {

namespace {

class SemistructuredTest : public QueryFixture {};

TEST_F(SemistructuredTest, ShowsValuesIndented) {
  EXPECT_EQ(Value("PARSE_JSON('{\"b\":[1,2],\"a\":{}}')"),
            "{\n  \"a\": {},\n  \"b\": [\n    1,\n    2\n  ]\n}");
  EXPECT_EQ(Value("ARRAY_CONSTRUCT(10)"), "[\n  10\n]");
  EXPECT_EQ(Value("'abc'::VARIANT"), "\"abc\"");
  request_.session.json_indent = 0;
  EXPECT_EQ(Value("{'a': [1, NULL], 'b': NULL, 'c': 'x'}"), "{\"a\":[1,undefined],\"c\":\"x\"}");
}

TEST_F(SemistructuredTest, WalksPaths) {
  names_.variables.clear();
  const std::string from =
      " FROM (SELECT PARSE_JSON('{\"a\": {\"B c\": [10, {\"d\": \"x\"}]}, \"A\": 5, \"n\": null}') "
      "AS v)";
  const auto one = [&](const std::string& expression) { return Value(expression + from); };
  EXPECT_EQ(one("v:a:\"B c\"[1].d::VARCHAR"), "x");
  EXPECT_EQ(one("v['a']['B c'][0]"), "10");
  EXPECT_EQ(one("v:A"), "5");
  EXPECT_EQ(one("v:missing"), "NULL");
  EXPECT_EQ(one("v:a:\"B c\"[2]"), "NULL");
  EXPECT_EQ(one("v:n"), "null");
  EXPECT_EQ(one("v:n IS NULL"), "false");
  EXPECT_EQ(one("IS_NULL_VALUE(v:n)"), "true");
  EXPECT_EQ(one("v:n::VARCHAR"), "NULL");
  EXPECT_EQ(one("v:A > 4"), "true");
  EXPECT_EQ(one("v:A + 1"), "6");
  EXPECT_EQ(ErrorOf("SELECT 'x':a").substr(0, 6), "001044");
}

TEST_F(SemistructuredTest, KeepsTypes) {
  EXPECT_EQ(Value("TYPEOF('2024-01-01'::DATE::VARIANT)"), "DATE");
  EXPECT_EQ(Value("TYPEOF(TO_VARIANT(1.5))"), "DECIMAL");
  EXPECT_EQ(Value("TYPEOF(TO_VARIANT(2))"), "INTEGER");
  EXPECT_EQ(Value("TYPEOF(PARSE_JSON('1e2'))"), "DOUBLE");
  EXPECT_EQ(Value("TYPEOF(PARSE_JSON('null'))"), "NULL_VALUE");
  EXPECT_EQ(Value("TYPEOF('2024-01-01 10:00:00'::TIMESTAMP_NTZ::VARIANT)"), "TIMESTAMP_NTZ");
  EXPECT_EQ(Value("[CURRENT_DATE()][0]::DATE = CURRENT_DATE()"), "true");
  EXPECT_EQ(Value("AS_INTEGER(TO_VARIANT('1'))"), "NULL");
  EXPECT_EQ(Value("IS_DECIMAL(TO_VARIANT(1))"), "true");
  EXPECT_EQ(Value("'2024-03-01 12:30:00'::TIMESTAMP_NTZ::VARIANT"), "\"2024-03-01 12:30:00.000\"");
}

TEST_F(SemistructuredTest, Casts) {
  EXPECT_EQ(Value("PARSE_JSON('\"12.50\"')::NUMBER(10, 1)"), "12.5");
  EXPECT_EQ(Value("PARSE_JSON('true')::BOOLEAN"), "true");
  EXPECT_EQ(Value("PARSE_JSON('{\"b\":1,\"a\":\"x\"}')::VARCHAR"), "{\"a\":\"x\",\"b\":1}");
  EXPECT_EQ(Value("PARSE_JSON('\"2024-02-03\"')::DATE"), "2024-02-03");
  EXPECT_EQ(ErrorOf("SELECT PARSE_JSON('\"x\"')::NUMBER"),
            "100071 Failed to cast variant value \"x\" to FIXED");
  EXPECT_EQ(ErrorOf("SELECT PARSE_JSON('[1]')::OBJECT"),
            "100071 Failed to cast variant value [1] to OBJECT");
  EXPECT_EQ(Value("TO_JSON(PARSE_JSON('5')::ARRAY)"), "[5]");
  EXPECT_EQ(ErrorOf("SELECT PARSE_JSON('{')").substr(0, 6), "100069");
  EXPECT_EQ(Value("PARSE_JSON('')"), "NULL");
  EXPECT_EQ(Value("TRY_PARSE_JSON('{bad')"), "NULL");
  EXPECT_EQ(Value("TO_JSON(PARSE_JSON('{a: \\'x\\', b: Infinity}'))"),
            "{\"a\":\"x\",\"b\":Infinity}");
}

TEST_F(SemistructuredTest, ComparesByValue) {
  EXPECT_EQ(Value("PARSE_JSON('1') = PARSE_JSON('1.0')"), "true");
  EXPECT_EQ(Value("PARSE_JSON('1') = PARSE_JSON('1e0')"), "true");
  EXPECT_EQ(Value("PARSE_JSON('1') = PARSE_JSON('\"1\"')"), "false");
  EXPECT_EQ(Value("PARSE_JSON('10') > PARSE_JSON('9')"), "true");
  EXPECT_EQ(Value("PARSE_JSON('-10') < PARSE_JSON('-9.5')"), "true");
  EXPECT_EQ(Value("PARSE_JSON('\"7\"') IN (7, 8)"), "true");
  EXPECT_EQ(
      Run("SELECT COLUMN1::VARCHAR FROM (SELECT PARSE_JSON(COLUMN1) AS COLUMN1 FROM VALUES ('10'), "
          "('9'), ('\"a\"'), ('1.5')) ORDER BY COLUMN1"),
      (TextRows{{"1.5"}, {"9"}, {"10"}, {"a"}}));
  EXPECT_EQ(Value("MAX(PARSE_JSON(COLUMN1))::VARCHAR FROM VALUES ('10'), ('9')"), "10");
  EXPECT_EQ(
      Run("SELECT v:k::VARCHAR AS k, COUNT(*) FROM (SELECT PARSE_JSON(COLUMN1) AS v FROM VALUES "
          "('{\"k\":\"x\"}'), ('{\"k\":\"x\"}'), ('{}')) GROUP BY k ORDER BY k"),
      (TextRows{{"x", "2"}, {"NULL", "1"}}));
}

TEST_F(SemistructuredTest, Flattens) {
  EXPECT_EQ(Run("SELECT SEQ, KEY, PATH, INDEX, VALUE FROM TABLE(FLATTEN(INPUT => PARSE_JSON('[1, "
                ",77]'))) f"),
            (TextRows{{"1", "NULL", "[0]", "0", "1"}, {"1", "NULL", "[2]", "2", "77"}}));
  EXPECT_EQ(
      Run("SELECT KEY, PATH, INDEX, TO_JSON(VALUE) FROM TABLE(FLATTEN(INPUT => "
          "PARSE_JSON('{\"a\":1, \"b\":[77,88], \"c\": {\"d\":\"X\"}}'), RECURSIVE => TRUE)) f"),
      (TextRows{{"a", "a", "NULL", "1"},
                {"b", "b", "NULL", "[77,88]"},
                {"NULL", "b[0]", "0", "77"},
                {"NULL", "b[1]", "1", "88"},
                {"c", "c", "NULL", "{\"d\":\"X\"}"},
                {"d", "c.d", "NULL", "\"X\""}}));
  EXPECT_EQ(Run("SELECT PATH, TO_JSON(THIS) FROM TABLE(FLATTEN(INPUT => "
                "PARSE_JSON('{\"a\":1, \"b\":[77,88]}'), PATH => 'b')) f"),
            (TextRows{{"b[0]", "[77,88]"}, {"b[1]", "[77,88]"}}));
  EXPECT_EQ(
      Run("SELECT KEY, PATH, INDEX, VALUE, THIS FROM TABLE(FLATTEN(INPUT => PARSE_JSON('[]'), "
          "OUTER => TRUE)) f"),
      (TextRows{{"NULL", "", "NULL", "NULL", "[]"}}));
  EXPECT_EQ(
      Run("SELECT KEY FROM TABLE(FLATTEN(INPUT => PARSE_JSON('{\"a\":1, \"b\":[77,88], \"c\": "
          "{\"d\":\"X\"}}'), RECURSIVE => TRUE, MODE => 'OBJECT')) f"),
      (TextRows{{"a"}, {"b"}, {"c"}, {"d"}}));
}

TEST_F(SemistructuredTest, FlattensLaterally) {
  const std::string persons =
      "(SELECT COLUMN1 AS id, PARSE_JSON(COLUMN2) AS c FROM VALUES (1, '{contact: [{business: "
      "[{type: \"phone\"}, {type: \"email\"}]}]}'), (2, '{contact: [{business: [{type: "
      "\"fax\"}]}]}'), (3, '{}')) p";
  EXPECT_EQ(Run("SELECT id, f1.value:type::VARCHAR FROM " + persons +
                ", LATERAL FLATTEN(INPUT => p.c, PATH => 'contact') f, LATERAL FLATTEN(INPUT => "
                "f.value:business) f1 ORDER BY id, f1.index"),
            (TextRows{{"1", "phone"}, {"1", "email"}, {"2", "fax"}}));
  EXPECT_EQ(Run("SELECT id, f.index FROM " + persons +
                ", LATERAL FLATTEN(INPUT => c:contact, OUTER => TRUE) f ORDER BY id"),
            (TextRows{{"1", "0"}, {"2", "0"}, {"3", "NULL"}}));
  EXPECT_EQ(Run("SELECT COLUMN1, INDEX, VALUE FROM (VALUES ('a.b'), ('c')) v, LATERAL "
                "SPLIT_TO_TABLE(COLUMN1, '.') ORDER BY COLUMN1, INDEX"),
            (TextRows{{"a.b", "1", "a"}, {"a.b", "2", "b"}, {"c", "1", "c"}}));
  EXPECT_EQ(Run("SELECT VALUE FROM TABLE(STRTOK_SPLIT_TO_TABLE('a.b@c', '.@')) ORDER BY INDEX"),
            (TextRows{{"a"}, {"b"}, {"c"}}));
  EXPECT_EQ(Run("SELECT SEQ4() FROM TABLE(GENERATOR(ROWCOUNT => 3)) ORDER BY 1"),
            (TextRows{{"0"}, {"1"}, {"2"}}));
}

TEST_F(SemistructuredTest, RunsLambdas) {
  EXPECT_EQ(Value("TO_JSON(TRANSFORM([1, 2, 3], a INT -> a * 2))"), "[2,4,6]");
  EXPECT_EQ(
      Value("TO_JSON(FILTER([{'value': 10}, {'value': 50}, {'value': 500}], a -> a:value >= 50))"),
      "[{\"value\":50},{\"value\":500}]");
  EXPECT_EQ(Value("REDUCE([1, 2, 3], 0, (acc, val) -> acc + val)"), "6");
}

TEST_F(SemistructuredTest, ReadsNestedColumns) {
  Type point{.kind = TypeKind::kStruct};
  point.children.push_back(
      {.id = FieldId(10), .name = "x", .type = Type::Primitive(TypeKind::kInt)});
  point.children.push_back(
      {.id = FieldId(11), .name = "name", .type = Type::Primitive(TypeKind::kString)});
  Field field{.id = FieldId(1), .name = "p", .type = point};
  engine::Cell cell;
  cell.nested = true;
  cell.items = {engine::Cell{int32_t{7}}, engine::Cell{std::string("a\"b")}};
  AddTable("T", {field}, {{cell}});
  EXPECT_EQ(Value("TO_JSON(p) FROM t"), "{\"name\":\"a\\\"b\",\"x\":7}");
  EXPECT_EQ(Value("p:x::INT + 1 FROM t"), "8");
}

}  // namespace

}  // namespace tarn::sql
