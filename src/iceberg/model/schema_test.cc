// SPDX-License-Identifier: Apache-2.0
#include "iceberg/model/schema.h"

#include <gtest/gtest.h>

#include "iceberg/json/schema_json.h"

namespace tarn::iceberg {
namespace {

Field Column(int32_t id, std::string name, Type type, bool required = false) {
  return {
      .id = FieldId(id), .name = std::move(name), .required = required, .type = std::move(type)};
}

Field Column(int32_t id, std::string name, TypeKind kind, bool required = false) {
  return Column(id, std::move(name), Type::Primitive(kind), required);
}

Type StructOf(std::vector<Field> fields) {
  return {.kind = TypeKind::kStruct, .children = std::move(fields)};
}

Type ListOf(Field element) { return {.kind = TypeKind::kList, .children = {std::move(element)}}; }

Type MapOf(Field key, Field value) {
  return {.kind = TypeKind::kMap, .children = {std::move(key), std::move(value)}};
}

/// id long, place struct {lat, names list<string>}, counts map<string, int>
Schema Nested() {
  return {
      .id = SchemaId(0),
      .fields = {
          Column(1, "id", TypeKind::kLong, true),
          Column(2, "place",
                 StructOf({Column(3, "lat", TypeKind::kDouble),
                           Column(4, "names", ListOf(Column(5, "element", TypeKind::kString)))})),
          Column(
              6, "counts",
              MapOf(Column(7, "key", TypeKind::kString, true), Column(8, "value", TypeKind::kInt))),
      }};
}

ErrorKind KindOf(const auto& result) { return result ? ErrorKind::kInternal : result.error().kind; }

TEST(Schema, FindsFieldsAtAnyDepth) {
  const Schema schema = Nested();
  EXPECT_EQ(schema.FindField(FieldId(5))->name, "element");
  EXPECT_EQ(schema.FindField(FieldId(8))->name, "value");
  EXPECT_EQ(schema.FindField(FieldId(9)), nullptr);
  EXPECT_EQ(schema.FindColumn("place")->id, FieldId(2));
  EXPECT_EQ(schema.FindColumn("lat"), nullptr);
  EXPECT_EQ(schema.HighestFieldId(), FieldId(8));
  EXPECT_EQ(Schema().HighestFieldId(), FieldId(0));
}

TEST(TypeName, RoundTripsAndTakesWhitespace) {
  for (const char* name : {"boolean",
                           "int",
                           "long",
                           "float",
                           "double",
                           "date",
                           "time",
                           "timestamp",
                           "timestamptz",
                           "timestamp_ns",
                           "timestamptz_ns",
                           "string",
                           "uuid",
                           "binary",
                           "fixed[16]",
                           "decimal(9, 2)",
                           "decimal(38, 38)",
                           "unknown",
                           "variant",
                           "geometry",
                           "geometry(srid:3857)",
                           "geography(srid:4326, karney)"}) {
    const auto type = ParsePrimitiveType(name);
    ASSERT_TRUE(type) << name;
    EXPECT_EQ(PrimitiveTypeName(*type), name);
  }
  for (const char* name :
       {"decimal(9,2)", "decimal( 9 , 2 )", "decimal (9,2)", " decimal(9, 2) "}) {
    EXPECT_EQ(*ParsePrimitiveType(name), Type::Decimal(9, 2)) << name;
  }
  EXPECT_EQ(*ParsePrimitiveType("fixed[ 4 ]"), Type::Fixed(4));
}

TEST(TypeName, RefusesOthers) {
  for (const char* name : {"", " ", "integer", "Int", "decimal", "decimal(9)", "decimal(39, 2)",
                           "decimal(0, 0)", "decimal(9, 10)", "decimal(9, -1)", "decimal(9, 2",
                           "fixed", "fixed[-1]", "fixed[x]", "struct", "list", "(", "[", ")"}) {
    EXPECT_EQ(KindOf(ParsePrimitiveType(name)), ErrorKind::kInvalidArgument) << name;
  }
}

TEST(SchemaJson, RoundTripsNestedTypes) {
  Schema schema = Nested();
  schema.id = SchemaId(3);
  schema.identifier_field_ids = {FieldId(1)};
  schema.fields[0].doc = "the \"key\"";
  schema.fields[1].write_default = R"({})";
  const auto parsed = ParseSchema(SerializeSchema(schema));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->id, SchemaId(3));
  EXPECT_TRUE(parsed->SameFields(schema));
}

TEST(SchemaJson, ReadsTheSpecificationsExamples) {
  // Appendix C, "Schemas".
  const auto schema = ParseSchema(R"({
    "type": "struct", "schema-id": 1, "fields": [
      {"id": 1, "name": "id", "required": false, "type": "uuid",
       "initial-default": "0db3e2a8-9d1d-42b9-aa7b-74ebe558dceb",
       "write-default": "ec5911be-b0a7-458c-8438-c9a3e53cffae"},
      {"id": 2, "name": "data", "required": false, "type": {
        "type": "list", "element-id": 3, "element-required": true, "element": "string"}},
      {"id": 4, "name": "tags", "required": true, "type": {
        "type": "map", "key-id": 5, "key": "string", "value-id": 6, "value-required": false,
        "value": "double"}}]})");
  ASSERT_TRUE(schema) << schema.error().message;
  EXPECT_EQ(*schema->fields[0].initial_default, "\"0db3e2a8-9d1d-42b9-aa7b-74ebe558dceb\"");
  EXPECT_EQ(schema->FindField(FieldId(3))->required, true);
  EXPECT_EQ(schema->FindField(FieldId(6))->type.kind, TypeKind::kDouble);
}

TEST(SchemaJson, NamesTheMemberThatIsWrong) {
  const auto missing = ParseSchema(
      R"({"type": "struct", "fields": [{"id": 1, "name": "a", "required": true, "type": {
           "type": "list", "element": "string", "element-required": true}}]})");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::kCorruption);
  EXPECT_EQ(missing.error().message, "required member \"fields[0].type.element-id\" is missing");
}

TEST(ValidateSchema, AcceptsNestedAndEmpty) {
  EXPECT_TRUE(ValidateSchema(Nested(), 2));
  EXPECT_TRUE(ValidateSchema(Schema(), 2));
}

struct InvalidCase {
  const char* what;
  Schema schema;
  int32_t format_version = 2;
};

TEST(ValidateSchema, RefusesWhatTheSpecificationForbids) {
  Schema float_key{.fields = {Column(1, "a", TypeKind::kDouble, true)},
                   .identifier_field_ids = {FieldId(1)}};
  Schema optional_key{.fields = {Column(1, "a", TypeKind::kInt)},
                      .identifier_field_ids = {FieldId(1)}};
  Schema key_in_list{.fields = {Column(1, "a", ListOf(Column(2, "element", TypeKind::kInt, true)))},
                     .identifier_field_ids = {FieldId(2)}};
  Schema with_default{.fields = {Column(1, "a", TypeKind::kInt)}};
  with_default.fields[0].initial_default = "1";
  const InvalidCase cases[] = {
      {"one id twice",
       {.fields = {Column(1, "a", TypeKind::kInt), Column(1, "b", TypeKind::kInt)}}},
      {"one id twice, nested",
       {.fields = {Column(1, "a", StructOf({Column(1, "b", TypeKind::kInt)}))}}},
      {"one name twice",
       {.fields = {Column(1, "a", TypeKind::kInt), Column(2, "a", TypeKind::kInt)}}},
      {"one full name twice",
       {.fields = {Column(1, "a.b", TypeKind::kInt),
                   Column(2, "a", StructOf({Column(3, "b", TypeKind::kInt)}))}}},
      {"a column with the full name of a list's elements",
       {.fields = {Column(1, "l", ListOf(Column(2, "element", TypeKind::kInt))),
                   Column(3, "l.element", TypeKind::kInt)}}},
      {"no name", {.fields = {Column(1, "", TypeKind::kInt)}}},
      // Readers reject id 0 (paimon#9012).
      {"id 0", {.fields = {Column(0, "a", TypeKind::kInt)}}},
      {"reserved id", {.fields = {Column(2147483645, "a", TypeKind::kInt)}}},
      {"decimal precision", {.fields = {Column(1, "a", Type::Decimal(39, 2))}}},
      {"optional map key",
       {.fields = {Column(
            1, "a", MapOf(Column(2, "key", TypeKind::kInt), Column(3, "value", TypeKind::kInt)))}}},
      {"list without element", {.fields = {Column(1, "a", Type{.kind = TypeKind::kList})}}},
      {"type of version 3", {.fields = {Column(1, "a", TypeKind::kTimestampNs)}}},
      {"default of version 3", with_default},
      {"required unknown", {.fields = {Column(1, "a", TypeKind::kUnknown, true)}}, 3},
      {"floating identifier", float_key},
      {"optional identifier", optional_key},
      {"identifier in a list", key_in_list},
      {"identifier that is no field",
       {.fields = {Column(1, "a", TypeKind::kInt, true)}, .identifier_field_ids = {FieldId(9)}}},
  };
  for (const InvalidCase& item : cases) {
    EXPECT_EQ(KindOf(ValidateSchema(item.schema, item.format_version)), ErrorKind::kInvalidArgument)
        << item.what;
  }
}

TEST(Promotion, OnlyTheSpecifications) {
  const auto allowed = [](const char* from, const char* to, int32_t version) {
    return IsPromotionAllowed(*ParsePrimitiveType(from), *ParsePrimitiveType(to), version);
  };
  EXPECT_TRUE(allowed("int", "long", 2));
  EXPECT_TRUE(allowed("float", "double", 2));
  EXPECT_TRUE(allowed("decimal(9, 2)", "decimal(18, 2)", 2));
  EXPECT_TRUE(allowed("date", "timestamp", 3));
  EXPECT_TRUE(allowed("date", "timestamp_ns", 3));
  EXPECT_TRUE(allowed("unknown", "string", 3));

  EXPECT_FALSE(allowed("long", "int", 2));
  EXPECT_FALSE(allowed("double", "float", 2));
  EXPECT_FALSE(allowed("decimal(18, 2)", "decimal(9, 2)", 2));
  EXPECT_FALSE(allowed("decimal(9, 2)", "decimal(18, 3)", 2));
  EXPECT_FALSE(allowed("int", "double", 3));
  EXPECT_FALSE(allowed("date", "timestamp", 2));
  EXPECT_FALSE(allowed("date", "timestamptz", 3));
  EXPECT_FALSE(allowed("timestamp", "timestamptz", 3));
  EXPECT_FALSE(allowed("string", "binary", 3));
}

TEST(EvolveSchema, TakesLegalChanges) {
  const Schema current = Nested();
  Schema next = current;
  next.fields[0].name = "key";                                              // rename
  std::swap(next.fields[0], next.fields[1]);                                // reorder
  next.fields[2].type.children[1].type = Type::Primitive(TypeKind::kLong);  // promote in a map
  next.fields.push_back(Column(9, "note", TypeKind::kString));              // add
  next.fields[0].type.children.push_back(Column(10, "lon", TypeKind::kDouble));
  const auto schema = EvolveSchema(current, next, FieldId(8), 2);
  ASSERT_TRUE(schema) << schema.error().message;
  EXPECT_TRUE(schema->SameFields(next));
}

TEST(EvolveSchema, KeepsFieldsOptionalThatFilesMayLack) {
  const Schema current = Nested();
  Schema next = current;
  next.fields[1].required = true;                                     // was optional
  next.fields.push_back(Column(9, "note", TypeKind::kString, true));  // older files lack it
  next.fields.push_back(Column(10, "box", StructOf({Column(11, "x", TypeKind::kInt, true)}), true));
  next.fields[0].required = false;
  const auto schema = EvolveSchema(current, next, FieldId(8), 2);
  ASSERT_TRUE(schema) << schema.error().message;
  EXPECT_FALSE(schema->FindColumn("place")->required);
  EXPECT_FALSE(schema->FindColumn("note")->required);
  EXPECT_FALSE(schema->FindColumn("box")->required);
  EXPECT_TRUE(schema->FindField(FieldId(11))->required);  // inside a new struct
  EXPECT_FALSE(schema->FindColumn("id")->required);
}

TEST(EvolveSchema, RefusesReuseOfIds_auron2321) {
  const Schema current = Nested();
  Schema next = current;
  next.fields.erase(next.fields.begin());
  const auto without = EvolveSchema(current, next, FieldId(8), 2);
  ASSERT_TRUE(without);
  // The column dropped above can't come back under its id, with whatever name.
  Schema again = *without;
  again.fields.push_back(Column(1, "id", TypeKind::kLong));
  EXPECT_EQ(KindOf(EvolveSchema(*without, again, FieldId(8), 2)), ErrorKind::kInvalidArgument);
}

TEST(EvolveSchema, RefusesIllegalChanges) {
  const Schema current = Nested();
  Schema narrowed = current;
  narrowed.fields[0].type = Type::Primitive(TypeKind::kInt);
  EXPECT_FALSE(EvolveSchema(current, narrowed, FieldId(8), 2));

  Schema moved = current;
  moved.fields.push_back(moved.fields[1].type.children[0]);
  moved.fields[1].type.children.erase(moved.fields[1].type.children.begin());
  EXPECT_FALSE(EvolveSchema(current, moved, FieldId(8), 2));

  Schema nested_to_flat = current;
  nested_to_flat.fields[1].type = Type::Primitive(TypeKind::kString);
  EXPECT_FALSE(EvolveSchema(current, nested_to_flat, FieldId(8), 2));
}

}  // namespace
}  // namespace tarn::iceberg
