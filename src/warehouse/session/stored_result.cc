// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/stored_result.h"

#include <cstring>

#include "sql/bind/coercion.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

constexpr int64_t kMicrosecondsPerSecond = 1'000'000;
constexpr int32_t kNanosecondsPerMicrosecond = 1'000;

template <typename T>
T Fixed(const ColumnView& column, int64_t row) {
  T value;
  std::memcpy(&value, column.values + static_cast<size_t>(row) * sizeof(T), sizeof(T));
  return value;
}

std::vector<Type> CarriersOf(const std::vector<ResultColumn>& columns) {
  std::vector<Type> carriers;
  for (const ResultColumn& column : columns) carriers.push_back(column.carrier);
  return carriers;
}

class StoredStream final : public ResultStream {
 public:
  explicit StoredStream(std::shared_ptr<const StoredResult> stored) : stored_(std::move(stored)) {}

  const std::vector<ResultColumn>& columns() const override { return stored_->columns; }
  StatementResult<> Next(std::vector<uint8_t>& batch) override {
    batch.clear();
    if (next_ < stored_->batches.size()) batch = stored_->batches[next_++];
    return {};
  }
  void Interrupt() override {}
  void Pause() override {}
  const StatementSummary& summary() const override { return stored_->summary; }

 private:
  std::shared_ptr<const StoredResult> stored_;
  size_t next_ = 0;
};

}  // namespace

StatementResult<StoredResult> Store(ResultStream& stream) {
  StoredResult stored{.columns = stream.columns(), .batches = {}, .summary = {}};
  const std::vector<Type> carriers = CarriersOf(stored.columns);
  int64_t bytes = 0;
  std::vector<uint8_t> batch;
  while (true) {
    STATEMENT_TRY(stream.Next(batch));
    if (batch.empty()) break;
    bytes += static_cast<int64_t>(batch.size());
    if (bytes > kStoredBytesMax) {
      return std::unexpected(AsStatementError(Error{
          ErrorKind::kResourceExhausted, "a result that a block keeps is too large", {}, {}}));
    }
    STATEMENT_ASSIGN(const BatchView view, DecodeBatch(batch, carriers));
    stored.rows += view.rows;
    stored.batches.push_back(batch);
  }
  stored.summary = stream.summary();
  return stored;
}

bool HasTravelForm(const ResultColumn& column) {
  const bool seconds =
      column.carrier.kind == TypeKind::kStruct && column.carrier.children.size() == 2;
  return seconds ||
         (column.type.kind == sql::DataTypeKind::kTime && column.carrier.kind == TypeKind::kLong);
}

int64_t MicrosecondsAt(const ResultColumn& column, const ColumnView& view, int64_t row) {
  if (column.type.kind == sql::DataTypeKind::kTime) {
    return Fixed<int64_t>(view, row) / kNanosecondsPerMicrosecond;
  }
  return Fixed<int64_t>(view.children[0], row) * kMicrosecondsPerSecond +
         Fixed<int32_t>(view.children[1], row) / kNanosecondsPerMicrosecond;
}

StatementResult<sql::bound::Expression> ValueAt(const ResultColumn& column, const ColumnView& view,
                                                int64_t row) {
  const auto constant = [&](Value value) {
    return sql::Constant(std::move(value), column.type, column.carrier);
  };
  if (view.is_null(row)) return sql::Constant({}, column.type, sql::CarrierOf(column.type));
  if (HasTravelForm(column)) {
    return sql::Constant(MicrosecondsAt(column, view, row), column.type,
                         sql::CarrierOf(column.type));
  }
  switch (column.carrier.kind) {
    case TypeKind::kBoolean:
      return constant((view.values[row >> 3] >> (row & 7) & 1) != 0);
    case TypeKind::kInt:
    case TypeKind::kDate:
      return constant(Fixed<int32_t>(view, row));
    case TypeKind::kFloat:
      return constant(Fixed<float>(view, row));
    case TypeKind::kDouble:
      return constant(Fixed<double>(view, row));
    case TypeKind::kDecimal:
      return constant(Fixed<Int128>(view, row));
    case TypeKind::kString:
    case TypeKind::kBinary:
      return constant(std::string(reinterpret_cast<const char*>(view.values) + view.offsets[row],
                                  static_cast<size_t>(view.offsets[row + 1] - view.offsets[row])));
    case TypeKind::kLong:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return constant(Fixed<int64_t>(view, row));
    default:
      return UnsupportedFeature("a variable of this type");
  }
}

StatementResult<> ForEachRow(
    const StoredResult& stored,
    const std::function<StatementResult<bool>(std::vector<sql::bound::Expression>)>& visit) {
  const std::vector<Type> carriers = CarriersOf(stored.columns);
  for (const std::vector<uint8_t>& bytes : stored.batches) {
    STATEMENT_ASSIGN(const BatchView view, DecodeBatch(bytes, carriers));
    for (int64_t row = 0; row < view.rows; ++row) {
      std::vector<sql::bound::Expression> values;
      for (size_t i = 0; i < view.columns.size(); ++i) {
        STATEMENT_ASSIGN(auto value, ValueAt(stored.columns[i], view.columns[i], row));
        values.push_back(std::move(value));
      }
      STATEMENT_ASSIGN(const bool goes_on, visit(std::move(values)));
      if (!goes_on) return {};
    }
  }
  return {};
}

std::unique_ptr<ResultStream> StreamOf(std::shared_ptr<const StoredResult> stored) {
  return std::make_unique<StoredStream>(std::move(stored));
}

}  // namespace tarn::warehouse
