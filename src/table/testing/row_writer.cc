// SPDX-License-Identifier: Apache-2.0
// For tests: makes a table for other readers. Reads one JSON document from its input:
//   {"directory": of buckets, "version": 2, "partitions": [[column id, transform], …],
//    "properties": {…}, "steps": [STEP, …]}
//   STEP: ["append", first id, end] | ["delete", [id, …]] | ["update", [id, …], added to id] |
//         ["rewrite position deletes"] | ["upgrade"]
// and prints the location of the table's metadata file, and of each step before it. A row follows
// from its id alone: see RowOf, which tests/support/row_writer.py says again.
#include <iostream>
#include <string>

#include "nlohmann/json.hpp"
#include "table/maintenance/maintenance.h"
#include "table/testing/maintenance_state.h"
#include "table/testing/row_lake.h"

// g++ 12 warns wrongly of variants in long initialiser lists.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

namespace tarn::table {
namespace {

using Json = nlohmann::json;

constexpr const char* kTable = "t";
constexpr int64_t kMicrosPerHour = 3'600'000'000;

std::vector<Field> Columns() {
  return {Column(1, "id", Type::Primitive(TypeKind::kLong)),
          Column(2, "number", Type::Primitive(TypeKind::kInt)),
          Column(3, "name", Type::Primitive(TypeKind::kString)),
          Column(4, "day", Type::Primitive(TypeKind::kDate)),
          Column(5, "at", Type::Primitive(TypeKind::kTimestamp)),
          Column(6, "amount", Type::Decimal(10, 2)),
          Column(7, "code", Type::Primitive(TypeKind::kBinary)),
          Column(8, "x", Type::Primitive(TypeKind::kDouble))};
}

/// Around 1970, with nulls here and there.
Row RowOf(int64_t id) {
  Row row = {Value(id),
             Value(static_cast<int32_t>(id * 7 - 100)),
             Value((id % 3 == 0 ? "ä/ö " : "name ") + std::to_string(id % 13)),
             Value(static_cast<int32_t>(id * 37 - 900)),
             Value((id * 11 - 300) * kMicrosPerHour - 1),
             Value(Int128{id * 101 - 2500}),
             Value(std::string({'\xff', static_cast<char>('a' + id % 5)})),
             Value(static_cast<double>(id) / 4)};
  if (id % 7 == 5) {
    for (size_t i = 1; i < row.size(); ++i) row[i] = Cell();
  }
  return row;
}

std::vector<Row> RowsOf(int64_t first, int64_t end) {
  std::vector<Row> rows;
  for (int64_t id = first; id < end; ++id) rows.push_back(RowOf(id));
  return rows;
}

Filter IdIn(const Json& ids) {
  Filter filter{.op = FilterOp::kIn, .field = FieldId(1), .type = Type::Primitive(TypeKind::kLong)};
  for (const Json& id : ids) filter.values.emplace_back(id.get<int64_t>());
  return filter;
}

void Update(RowLake& lake, const Json& ids, int64_t added) {
  const std::vector<Field> fields = Columns();
  std::vector<Type> types;
  for (const Field& field : fields) types.push_back(field.type);
  const auto add = [&](const BatchView& batch) -> Result<std::vector<uint8_t>> {
    std::vector<Row> rows;
    for (const Row& row : engine::ReadRows(types, batch)) {
      rows.push_back(RowOf(std::get<int64_t>(row[0].value) + added));
    }
    return std::vector<uint8_t>(*engine::EncodeRows(fields, rows));
  };
  lake.Commit(kTable, Must(UpdateRows(lake.context(), lake.NewWriter(), lake.Load(kTable),
                                      IdIn(ids), add)));
}

void Step(RowLake& lake, const Json& step) {
  const auto what = step.at(0).get<std::string>();
  if (what == "append") {
    lake.Append(kTable, RowsOf(step.at(1).get<int64_t>(), step.at(2).get<int64_t>()));
  } else if (what == "delete") {
    lake.Commit(kTable, Must(DeleteRows(lake.context(), lake.NewWriter(), lake.Load(kTable),
                                        IdIn(step.at(1)))));
  } else if (what == "update") {
    Update(lake, step.at(1), step.at(2).get<int64_t>());
  } else if (what == "rewrite position deletes") {
    const storage::ScratchDirectory scratch;
    const MaintenanceState state(lake.context(), lake.catalog(), {{}, kTable}, scratch.path());
    Must(RewritePositionDeletes(state.target(), {}));
  } else if (what == "upgrade") {
    const iceberg::ChangeSet upgrade{.updates = {iceberg::UpgradeFormatVersion{3}}};
    Must(lake.TryCommit(kTable, upgrade, iceberg::SnapshotId(1)));
  } else {
    std::cerr << "unknown step " << step << "\n";
    std::exit(1);
  }
}

int Main() {
  const Json order = Json::parse(std::cin);
  RowLake lake(order.at("directory").get<std::string>());
  iceberg::PartitionSpec spec;
  std::vector<std::pair<int32_t, std::string_view>> partitions;
  for (const Json& each : order.at("partitions")) {
    partitions.emplace_back(each.at(0).get<int32_t>(), each.at(1).get_ref<const std::string&>());
  }
  lake.Create(kTable, Columns(), SpecOf(partitions), order.at("version").get<int32_t>(),
              order.value("properties", std::map<std::string, std::string>()));
  for (const Json& step : order.at("steps")) {
    Step(lake, step);
    std::cout << lake.Load(kTable).metadata_location << "\n";
  }
  lake.ExpectSound(lake.Load(kTable));
  return 0;
}

}  // namespace
}  // namespace tarn::table

int main(int count, char** words) {
  testing::GTEST_FLAG(throw_on_failure) = true;
  testing::InitGoogleTest(&count, words);
  return tarn::table::Main();
}
