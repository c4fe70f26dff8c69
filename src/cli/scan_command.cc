// SPDX-License-Identifier: Apache-2.0
// tarn scan LOCATION | TABLE
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/report.h"
#include "cli/row_text.h"
#include "cli/table_argument.h"
#include "engine/engine.h"
#include "iceberg/commit/commit.h"
#include "iceberg/fsck/fsck.h"
#include "iceberg/model/metadata_columns.h"
#include "iceberg/plan/scan_plan.h"

namespace tarn::cli {
namespace {

struct ScanCommand {
  TableArgument table;
  std::optional<int64_t> snapshot;
  std::vector<std::string> columns;
  bool csv = false;
  bool json = false;
  bool count = false;
};

/// Metadata columns that may be asked for by name.
Field MetadataField(const iceberg::TableMetadata& metadata, const std::string& name) {
  namespace column = iceberg::metadata_column;
  const Type text = Type::Primitive(TypeKind::kString);
  const Type number = Type::Primitive(TypeKind::kLong);
  if (name == "_file") return {.id = column::kFile, .name = name, .type = text};
  if (name == "_pos") return {.id = column::kPosition, .name = name, .type = number};
  if (name == "_spec_id") {
    return {.id = column::kSpecId, .name = name, .type = Type::Primitive(TypeKind::kInt)};
  }
  if (name == "_row_id") return {.id = column::kRowId, .name = name, .type = number};
  if (name == "_last_updated_sequence_number") {
    return {.id = column::kLastUpdatedSequence, .name = name, .type = number};
  }
  Field partition{.id = column::kPartition, .name = "_partition", .type = {}};
  if (name != "_partition") return {};
  partition.type.kind = TypeKind::kStruct;
  for (const iceberg::PartitionSpec& spec : metadata.partition_specs) {
    for (const iceberg::PartitionField& field : spec.fields) {
      const FieldId id(field.id.value());
      const Field* source = metadata.current_schema().FindField(field.source_ids.front());
      const auto known = std::ranges::find(partition.type.children, id, &Field::id);
      if (source == nullptr || known != partition.type.children.end()) continue;
      const auto type = field.transform.ResultType(source->type);
      if (type) partition.type.children.push_back({.id = id, .name = field.name, .type = *type});
    }
  }
  return partition;
}

const iceberg::Schema& SchemaOf(const iceberg::TableMetadata& metadata,
                                std::optional<iceberg::SnapshotId> id) {
  const iceberg::Snapshot* snapshot = id ? metadata.FindSnapshot(*id) : nullptr;
  const bool current = snapshot == nullptr || metadata.current_snapshot_id == snapshot->id;
  const iceberg::Schema* then =
      current || !snapshot->schema_id ? nullptr : metadata.FindSchema(*snapshot->schema_id);
  return then != nullptr ? *then : metadata.current_schema();
}

Result<std::vector<Field>> FieldsOf(const ScanCommand& command,
                                    const iceberg::TableMetadata& metadata,
                                    const iceberg::Schema& schema) {
  if (command.count && command.columns.empty()) return std::vector<Field>();
  if (command.columns.empty()) return schema.fields;
  std::vector<Field> fields;
  for (const std::string& name : command.columns) {
    const Field* column = schema.FindColumn(name);
    Field field = column != nullptr ? *column : MetadataField(metadata, name);
    if (field.id.value() == 0) {
      return Fail(ErrorKind::kNotFound, "table \"{}\" has no column \"{}\"", metadata.location,
                  name);
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

Result<> PrintRows(engine::RowStream& stream, const ScanCommand& command,
                   const std::vector<Field>& fields) {
  std::vector<Type> types;
  for (const Field& field : fields) types.push_back(field.type);
  std::vector<uint8_t> bytes;
  std::string text;
  int64_t rows = 0;
  if (command.csv && !command.count) AppendCsvHeader(fields, text);
  while (true) {
    Print(text);
    text.clear();
    TARN_TRY(stream.Next(bytes));
    if (bytes.empty()) break;
    TARN_ASSIGN(const BatchView batch, DecodeBatch(bytes, types));
    rows += batch.rows;
    for (int64_t row = 0; row < batch.rows && !command.count; ++row) {
      (command.csv ? AppendCsvRow : AppendJsonRow)(fields, batch, row, text);
    }
  }
  if (command.count) fmt::print("{}\n", rows);
  return {};
}

Result<> Run(const ScanCommand& command) {
  TARN_ASSIGN(const TableTarget target, FindTable(command.table));
  TARN_ASSIGN(const auto storage, OpenStorage(target));
  std::string location = target.location;
  if (!iceberg::IsMetadataFile(location)) {
    TARN_ASSIGN(location, iceberg::FindNewestMetadata(*storage, location));
  }
  TARN_ASSIGN(const iceberg::LoadedTable table, iceberg::LoadTable(*storage, location));
  std::optional<iceberg::SnapshotId> snapshot;
  if (command.snapshot) snapshot = iceberg::SnapshotId(*command.snapshot);
  TARN_ASSIGN(iceberg::ScanPlan plan, iceberg::PlanScan({.storage = storage.get()}, table.metadata,
                                                        {.snapshot = snapshot}));
  TARN_ASSIGN(const std::vector<Field> fields,
              FieldsOf(command, *table.metadata, SchemaOf(*table.metadata, snapshot)));
  engine::ScanRequest request{.plan = std::move(plan), .columns = {}};
  for (const Field& field : fields) request.columns.push_back({field, {}});
  TARN_ASSIGN(const auto engine, engine::Engine::Open({.storage = storage.get()}));
  TARN_ASSIGN(const auto stream, engine->OpenScan(std::move(request)));
  return PrintRows(*stream, command, fields);
}

}  // namespace

void AddScanCommand(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("scan", "prints the rows of an Iceberg table");
  const auto given = std::make_shared<ScanCommand>();
  AddTableArgument(*command, given->table);
  command->add_option("--snapshot", given->snapshot,
                      "the snapshot to read; the current one by default");
  command
      ->add_option("--columns", given->columns,
                   "columns to print, also _file, _pos, _spec_id, _partition, _row_id and "
                   "_last_updated_sequence_number")
      ->delimiter(',');
  auto* csv = command->add_flag("--csv", given->csv, "CSV with a header");
  command->add_flag("--json", given->json, "one JSON object per row; the default")->excludes(csv);
  command->add_flag("--count", given->count,
                    "only the number of rows; of given columns all values are read");
  command->callback([given, &status] {
    const Result<> done = Run(*given);
    status = done ? 0 : ReportError(done.error());
  });
}

}  // namespace tarn::cli
