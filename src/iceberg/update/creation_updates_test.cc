// SPDX-License-Identifier: Apache-2.0
#include "iceberg/update/creation_updates.h"

#include <gtest/gtest.h>

#include "iceberg/update/table_metadata_builder.h"

namespace tarn::iceberg {
namespace {

/// {id 10, point {x, y}, tags [string]} under the asker's own numbers.
TableRequest Request() {
  const Type number = Type::Primitive(TypeKind::kLong);
  Type point{.kind = TypeKind::kStruct};
  point.children = {{.id = FieldId(5), .name = "x", .required = true, .type = number},
                    {.id = FieldId(4), .name = "y", .type = number}};
  Type tags{.kind = TypeKind::kList};
  tags.children = {
      {.id = FieldId(30), .name = "element", .type = Type::Primitive(TypeKind::kString)}};
  TableRequest request{.table_uuid = *Uuid::Parse("9c12d441-03fe-4693-9a96-a0705ddf69c1"),
                       .location = "s3://bucket/t"};
  request.schema.id = SchemaId(12);
  request.schema.fields = {{.id = FieldId(20), .name = "point", .required = true, .type = point},
                           {.id = FieldId(10), .name = "id", .required = true, .type = number},
                           {.id = FieldId(11), .name = "tags", .type = tags}};
  request.schema.identifier_field_ids = {FieldId(10), FieldId(5)};
  request.spec.id = SpecId(9);
  request.spec.fields = {{.source_ids = {FieldId(4)}, .id = PartitionFieldId(77), .name = "py"},
                         {.source_ids = {FieldId(10)}, .name = "id"}};
  request.order = {.id = SortOrderId(8), .fields = {SortField{.source_ids = {FieldId(4)}}}};
  return request;
}

Result<TableMetadata> Create(TableRequest request) {
  TARN_ASSIGN(const auto updates, CreationUpdates(std::move(request)));
  TARN_ASSIGN(const UpdateResult created, ApplyUpdates(nullptr, "", updates, 5));
  return *created.metadata;
}

// Spark's CREATE TABLE … AS counts its columns from 0.
TEST(CreationUpdates, AskersMayCountFromZero) {
  TableRequest request = Request();
  request.schema.fields[1].id = FieldId(0);
  request.schema.identifier_field_ids = {FieldId(0)};
  request.spec.fields[1].source_ids = {FieldId(0)};
  const auto table = Create(std::move(request));
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->current_schema().identifier_field_ids, std::vector<FieldId>{FieldId(2)});
  EXPECT_EQ(table->partition_specs.at(0).fields[1].source_ids[0], FieldId(2));

  TableRequest twice = Request();
  twice.schema.fields[1].id = FieldId(5);
  EXPECT_EQ(Create(std::move(twice)).error().message, "field id 5 is used twice");
}

TEST(CreationUpdates, ColumnsAreNumberedAnewLevelByLevel) {
  const auto table = Create(Request());
  ASSERT_TRUE(table) << table.error().message;
  const Schema& schema = table->current_schema();
  EXPECT_EQ(schema.id, SchemaId(0));
  EXPECT_EQ(schema.FindColumn("point")->id, FieldId(1));
  EXPECT_EQ(schema.FindColumn("id")->id, FieldId(2));
  EXPECT_EQ(schema.FindColumn("tags")->id, FieldId(3));
  EXPECT_EQ(schema.FindField(FieldId(4))->name, "x");
  EXPECT_EQ(schema.FindField(FieldId(5))->name, "y");
  EXPECT_EQ(schema.FindField(FieldId(6))->name, "element");
  EXPECT_EQ(schema.identifier_field_ids, (std::vector<FieldId>{FieldId(2), FieldId(4)}));
  EXPECT_EQ(table->last_column_id, FieldId(6));

  const PartitionSpec& spec = table->partition_specs.at(0);
  EXPECT_EQ(spec.id, SpecId(0));
  EXPECT_EQ(spec.fields[0].source_ids[0], FieldId(5));
  EXPECT_EQ(spec.fields[0].id, PartitionFieldId(1000));
  EXPECT_EQ(spec.fields[1].source_ids[0], FieldId(2));
  EXPECT_EQ(spec.fields[1].id, PartitionFieldId(1001));
  EXPECT_EQ(table->default_sort_order_id, SortOrderId(1));
  EXPECT_EQ(table->sort_orders.at(0).fields[0].source_ids[0], FieldId(5));
  EXPECT_EQ(table->properties.at("write.parquet.compression-codec"), "zstd");
}

TEST(CreationUpdates, TheFormatVersionIsAPropertyThatIsNotStored) {
  TableRequest request = Request();
  request.properties = {
      {"format-version", "1"}, {"uuid", "mine"}, {"write.parquet.compression-codec", "snappy"}};
  const auto table = Create(request);
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->format_version, 1);
  EXPECT_EQ(table->properties,
            (std::map<std::string, std::string>{{"write.parquet.compression-codec", "snappy"}}));
  request.properties["format-version"] = "9";
  EXPECT_EQ(Create(request).error().message, "Unsupported format version: v9 (supported: v3)");
}

TEST(CreationUpdates, WhatDoesNotFitIsRefused) {
  const auto refusal = [](const auto& edit) {
    TableRequest request = Request();
    edit(request);
    const auto table = Create(std::move(request));
    EXPECT_FALSE(table);
    return table ? std::string() : table.error().message;
  };
  EXPECT_EQ(refusal([](TableRequest& r) { r.spec.fields[0].source_ids = {FieldId(99)}; }),
            "Cannot find source column for partition field: 99");
  EXPECT_EQ(refusal([](TableRequest& r) { r.properties["commit.retry.num-retries"] = "x"; }),
            "Table property commit.retry.num-retries must have integer value");
  EXPECT_EQ(refusal([](TableRequest& r) { r.properties["commit.retry.min-wait-ms"] = "-1"; }),
            "Table property commit.retry.min-wait-ms must have non negative integer value");
  EXPECT_EQ(refusal([](TableRequest& r) {
              r.properties["write.metadata.metrics.column.point.z"] = "counts";
            }),
            "Invalid metrics config, could not find column point.z from table prop "
            "write.metadata.metrics.column.point.z in schema");
  EXPECT_NE(refusal([](TableRequest& r) { r.schema.fields[1].id = FieldId(5); }), "");
}

}  // namespace
}  // namespace tarn::iceberg
