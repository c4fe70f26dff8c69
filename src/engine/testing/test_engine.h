// SPDX-License-Identifier: Apache-2.0
// For tests: an engine over a scratch directory, and scans without the metadata around them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "engine/engine.h"
#include "engine/testing/test_rows.h"
#include "iceberg/model/manifest_file.h"
#include "storage/storage.h"
#include "storage/testing/scratch_directory.h"

namespace tarn::engine {

inline Field MakeField(int32_t id, std::string name, Type type) {
  return Field{.id = FieldId(id), .name = std::move(name), .type = std::move(type)};
}

class EngineTest : public testing::Test {
 protected:
  EngineTest() { Restart({}); }

  void Restart(EngineOptions options) {
    engine_.reset();
    storage_ = storage::OpenLocalStorage(
                   {.buckets_directory = scratch_.path(), .allowed_prefixes = {}, .durable = false})
                   .value();
    options.storage = storage_.get();
    if (options.threads == 0) options.threads = 2;
    engine_ = Engine::Open(options).value();
  }

  virtual std::string NewLocation() const {
    return "s3://bucket/data/" + Uuid::Random().ToString() + ".parquet";
  }

  iceberg::DataFile WriteFile(const std::vector<Field>& fields, std::span<const Row> rows,
                              const DataFileOptions& options = {}) {
    auto writer = engine_->CreateDataFile(NewLocation(), fields, options).value();
    constexpr size_t kBatchRows = 5000;
    for (size_t begin = 0; begin < rows.size(); begin += kBatchRows) {
      const auto bytes =
          EncodeRows(fields, rows.subspan(begin, std::min(kBatchRows, rows.size() - begin)));
      auto appended = writer->Append(Decode(fields, *bytes));
      EXPECT_TRUE(appended) << appended.error().message;
    }
    auto file = writer->Close();
    EXPECT_TRUE(file) << file.error().message;
    return file.value_or(iceberg::DataFile{});
  }

  static std::vector<Type> TypesOf(const std::vector<Field>& fields) {
    std::vector<Type> types;
    for (const Field& field : fields) types.push_back(field.type);
    return types;
  }

  static BatchView Decode(const std::vector<Field>& fields, const std::vector<uint8_t>& bytes) {
    const std::vector<Type> types = TypesOf(fields);
    return DecodeBatch(bytes, types).value();
  }

  static iceberg::ScanPlan PlanOf(const std::vector<iceberg::DataFile>& files) {
    auto manifest = std::make_shared<iceberg::Manifest>();
    iceberg::ScanPlan plan;
    for (const auto& file : files) manifest->entries.push_back({.data_file = file});
    for (const auto& entry : manifest->entries) {
      plan.files.push_back({.manifest = manifest, .entry = &entry, .first_row = plan.total_rows});
      plan.total_rows += entry.data_file.record_count;
    }
    plan.planned_rows = plan.total_rows;
    return plan;
  }

  static std::vector<ScanColumn> ColumnsOf(const std::vector<Field>& fields) {
    std::vector<ScanColumn> columns;
    for (const Field& field : fields) columns.push_back({.field = field, .default_value = {}});
    return columns;
  }

  Result<std::vector<Row>> TryScan(ScanRequest request) {
    std::vector<Type> types;
    for (const ScanColumn& column : request.columns) types.push_back(column.field.type);
    if (request.row_numbers) types.push_back(Type::Primitive(TypeKind::kLong));
    TARN_ASSIGN(auto stream, engine_->OpenScan(std::move(request)));
    std::vector<Row> rows;
    std::vector<uint8_t> bytes;
    while (true) {
      TARN_TRY(stream->Next(bytes));
      if (bytes.empty()) return rows;
      TARN_ASSIGN(const BatchView batch, DecodeBatch(bytes, types));
      EXPECT_GT(batch.rows, 0);
      for (Row& row : ReadRows(types, batch)) rows.push_back(std::move(row));
    }
  }

  std::vector<Row> Scan(ScanRequest request) {
    auto rows = TryScan(std::move(request));
    EXPECT_TRUE(rows) << rows.error().message << " " << rows.error().detail;
    return rows.value_or(std::vector<Row>{});
  }

  storage::ScratchDirectory scratch_;
  std::unique_ptr<storage::Storage> storage_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace tarn::engine
