// SPDX-License-Identifier: Apache-2.0
#include "engine/batch_scan.h"

#include <duckdb/common/vector_operations/vector_operations.hpp>
#include <duckdb/main/extension/extension_loader.hpp>
#include <duckdb/storage/statistics/node_statistics.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/duckdb_type.h"
#include "engine/vector_writer.h"

namespace tarn::engine {

namespace {

struct BindData : duckdb::TableFunctionData {
  explicit BindData(const BatchScan* batch_scan) : scan(batch_scan) {}
  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override {
    return duckdb::make_uniq<BindData>(scan);
  }
  bool Equals(const duckdb::FunctionData& other) const override {
    return scan == other.Cast<BindData>().scan;
  }
  const BatchScan* scan;
};

/// Where one scan stands. One thread reads, so that rows keep their order.
struct State : duckdb::GlobalTableFunctionState {
  duckdb::idx_t MaxThreads() const override { return 1; }
  duckdb::vector<duckdb::column_t> columns;
  size_t batch = 0;
  size_t range = 0;
  int64_t ordinal = 0;  ///< everything before is done
};

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext&,
                                              duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<duckdb::LogicalType>& types,
                                              duckdb::vector<duckdb::string>& names) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): DuckDB passes pointers as numbers
  const auto* scan = reinterpret_cast<const BatchScan*>(input.inputs[0].GetPointer());
  for (size_t i = 0; i < scan->fields.size(); ++i) {
    names.push_back(scan->names[i]);
    types.push_back(scan->types[i]);
  }
  names.emplace_back(kOrdinalColumn);
  types.push_back(duckdb::LogicalType::BIGINT);
  return duckdb::make_uniq<BindData>(scan);
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> Init(duckdb::ClientContext&,
                                                          duckdb::TableFunctionInitInput& input) {
  auto state = duckdb::make_uniq<State>();
  state->columns = input.column_ids;
  return state;
}

duckdb::unique_ptr<duckdb::NodeStatistics> Cardinality(duckdb::ClientContext&,
                                                       const duckdb::FunctionData* data) {
  int64_t rows = 0;
  for (const auto& range : data->Cast<BindData>().scan->visible) rows += range.end - range.begin;
  return duckdb::make_uniq<duckdb::NodeStatistics>(static_cast<duckdb::idx_t>(rows));
}

/// The next visible rows of one batch: ordinals [begin, end). False at the end.
bool NextRows(const BatchScan& scan, State& state, int64_t limit, int64_t& begin, int64_t& end) {
  while (state.batch < scan.batches.size() && state.range < scan.visible.size()) {
    const PendingRows::Batch& batch = scan.batches[state.batch];
    const PendingRows::Range& range = scan.visible[state.range];
    const int64_t batch_end = batch.first_ordinal + batch.view.rows;
    begin = std::max({range.begin, batch.first_ordinal, state.ordinal});
    end = std::min({range.end, batch_end, begin + limit});
    if (begin < end) {
      state.ordinal = end;
      return true;
    }
    if (batch_end <= range.end) {
      ++state.batch;
    } else {
      ++state.range;
    }
  }
  return false;
}

std::optional<size_t> FindColumn(const PendingRows::Batch& batch, FieldId id) {
  const auto& fields = *batch.fields;
  const auto found = std::ranges::find(fields, id, &Field::id);
  if (found == fields.end()) return std::nullopt;
  return static_cast<size_t>(found - fields.begin());
}

/// Fills rows [offset, offset + count) of `target` from one column of a batch.
void CopyColumn(const BatchScan& scan, size_t index, const PendingRows::Batch& batch, int64_t begin,
                int64_t end, duckdb::idx_t offset, duckdb::Vector& target) {
  const auto count = static_cast<duckdb::idx_t>(end - begin);
  const std::optional<size_t> column = FindColumn(batch, scan.fields[index].id);
  if (!column) {
    duckdb::Vector constant(scan.defaults[index]);
    duckdb::VectorOperations::Copy(constant, target, count, 0, offset);
    return;
  }
  const Field& field = (*batch.fields)[*column];
  const duckdb::LogicalType type = ToDuckdbType(field.type).value();
  duckdb::Vector source(type, std::max<duckdb::idx_t>(count, STANDARD_VECTOR_SIZE));
  FillVector(field.type, batch.view.columns[*column], begin - batch.first_ordinal,
             end - batch.first_ordinal, source);
  if (type == scan.types[index]) {
    duckdb::VectorOperations::Copy(source, target, count, 0, offset);
    return;
  }
  duckdb::Vector promoted(scan.types[index]);
  duckdb::VectorOperations::DefaultCast(source, promoted, count, true);
  duckdb::VectorOperations::Copy(promoted, target, count, 0, offset);
}

void Scan(duckdb::ClientContext&, duckdb::TableFunctionInput& input, duckdb::DataChunk& output) {
  const BatchScan& scan = *input.bind_data->Cast<BindData>().scan;
  auto& state = input.global_state->Cast<State>();
  int64_t filled = 0;
  int64_t begin = 0;
  int64_t end = 0;
  // Many statements leave many small batches: a vector collects rows of several.
  while (filled < STANDARD_VECTOR_SIZE &&
         NextRows(scan, state, STANDARD_VECTOR_SIZE - filled, begin, end)) {
    const auto offset = static_cast<duckdb::idx_t>(filled);
    for (duckdb::idx_t i = 0; i < state.columns.size(); ++i) {
      const duckdb::column_t column = state.columns[i];
      if (column < scan.fields.size()) {
        CopyColumn(scan, column, scan.batches[state.batch], begin, end, offset, output.data[i]);
      } else if (column == scan.fields.size()) {
        auto* ordinals = duckdb::FlatVector::GetData<int64_t>(output.data[i]);
        for (int64_t row = begin; row < end; ++row) ordinals[filled + row - begin] = row;
      }
    }
    filled += end - begin;
  }
  output.SetCardinality(static_cast<duckdb::idx_t>(filled));
}

}  // namespace

void RegisterBatchScan(duckdb::DatabaseInstance& instance) {
  duckdb::TableFunction function(kBatchScanFunction, {duckdb::LogicalType::POINTER}, Scan, Bind,
                                 Init);
  function.projection_pushdown = true;
  function.cardinality = Cardinality;
  duckdb::ExtensionLoader(instance, "tarn").RegisterFunction(function);
}

}  // namespace tarn::engine
