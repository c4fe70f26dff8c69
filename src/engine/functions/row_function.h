// SPDX-License-Identifier: Apache-2.0
// Scalar functions written as a function of one row, run over whole vectors. Only for sources of
// this folder: it includes DuckDB.
#pragma once

#include <duckdb.hpp>
#include <duckdb/main/extension/extension_loader.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tarn::engine {

/// The arguments of one row. REQUIRES: each is read as what it is, and is not null.
class RowArguments {
 public:
  RowArguments(const std::vector<duckdb::UnifiedVectorFormat>& formats, duckdb::idx_t row)
      : formats_(formats), row_(row) {}

  bool IsNull(size_t i) const { return !formats_[i].validity.RowIsValid(Index(i)); }
  std::string_view Text(size_t i) const {
    const auto& value = Get<duckdb::string_t>(i);
    return {value.GetData(), value.GetSize()};
  }
  int64_t Integer(size_t i) const { return Get<int64_t>(i); }
  double Double(size_t i) const { return Get<double>(i); }
  bool Boolean(size_t i) const { return Get<bool>(i); }
  __int128 Huge(size_t i) const {
    const auto& value = Get<duckdb::hugeint_t>(i);
    return static_cast<__int128>(value.upper) << 64 | static_cast<__int128>(value.lower);
  }
  template <typename T>
  const T& Get(size_t i) const {
    return duckdb::UnifiedVectorFormat::GetData<T>(formats_[i])[Index(i)];
  }

 private:
  duckdb::idx_t Index(size_t i) const { return formats_[i].sel->get_index(row_); }

  const std::vector<duckdb::UnifiedVectorFormat>& formats_;
  duckdb::idx_t row_;
};

inline void WriteResult(duckdb::Vector& result, duckdb::idx_t row, const std::string& value) {
  duckdb::FlatVector::GetData<duckdb::string_t>(result)[row] =
      duckdb::StringVector::AddStringOrBlob(result, value.data(), value.size());
}

template <typename T>
void WriteResult(duckdb::Vector& result, duckdb::idx_t row, T value) {
  duckdb::FlatVector::GetData<T>(result)[row] = value;
}

/// An unscaled value, in whatever the decimal's width is kept.
inline void WriteResult(duckdb::Vector& result, duckdb::idx_t row, __int128 value) {
  switch (result.GetType().InternalType()) {
    case duckdb::PhysicalType::INT16:
      return WriteResult(result, row, static_cast<int16_t>(value));
    case duckdb::PhysicalType::INT32:
      return WriteResult(result, row, static_cast<int32_t>(value));
    case duckdb::PhysicalType::INT64:
      return WriteResult(result, row, static_cast<int64_t>(value));
    default: {
      duckdb::hugeint_t huge;
      huge.lower = static_cast<uint64_t>(value);
      huge.upper = static_cast<int64_t>(value >> 64);
      return WriteResult(result, row, huge);
    }
  }
}

/// Runs `function`, which takes RowArguments and returns an optional of the result's C++ type
/// (nothing is null), over a chunk. Rows with a null argument are null, unless `nulls_matter`.
template <bool nulls_matter = false, typename Function>
void RunRows(duckdb::DataChunk& arguments, duckdb::Vector& result, const Function& function) {
  bool constant = true;
  std::vector<duckdb::UnifiedVectorFormat> formats(arguments.ColumnCount());
  for (duckdb::idx_t i = 0; i < arguments.ColumnCount(); ++i) {
    constant &= arguments.data[i].GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
    arguments.data[i].ToUnifiedFormat(arguments.size(), formats[i]);
  }
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto& validity = duckdb::FlatVector::Validity(result);
  const duckdb::idx_t count =
      constant ? std::min<duckdb::idx_t>(arguments.size(), 1) : arguments.size();
  for (duckdb::idx_t row = 0; row < count; ++row) {
    const RowArguments values(formats, row);
    bool null = false;
    if constexpr (!nulls_matter) {
      for (size_t i = 0; i < formats.size(); ++i) null |= values.IsNull(i);
    }
    if (!null) {
      if (auto value = function(values)) {
        WriteResult(result, row, *std::move(value));
        continue;
      }
    }
    validity.SetInvalid(row);
  }
  if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

/// Registers a function with fixed types. It may throw (ThrowSqlError).
template <bool nulls_matter = false, typename Function>
void AddFunction(duckdb::ExtensionLoader& loader, const char* name,
                 duckdb::vector<duckdb::LogicalType> arguments, duckdb::LogicalType type,
                 Function function) {
  duckdb::ScalarFunction entry(
      name, std::move(arguments), std::move(type),
      [function](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        RunRows<nulls_matter>(chunk, result, function);
      });
  entry.SetFallible();
  if (nulls_matter) entry.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  loader.RegisterFunction(entry);
}

/// The same for any number of arguments of the last type; `function` takes their number too.
template <bool nulls_matter, typename Function>
void AddVariadic(duckdb::ExtensionLoader& loader, const char* name,
                 duckdb::vector<duckdb::LogicalType> arguments, duckdb::LogicalType more,
                 duckdb::LogicalType type, Function function) {
  duckdb::ScalarFunction entry(
      name, std::move(arguments), std::move(type),
      [function](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        const size_t count = chunk.ColumnCount();
        RunRows<nulls_matter>(chunk, result,
                              [&](const RowArguments& row) { return function(row, count); });
      });
  entry.varargs = std::move(more);
  entry.SetFallible();
  if (nulls_matter) entry.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  loader.RegisterFunction(entry);
}

}  // namespace tarn::engine
