// SPDX-License-Identifier: Apache-2.0
#include "table/write_properties.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "iceberg/json/ascii_case.h"

namespace tarn::table {
namespace {

constexpr int64_t kMebibyte = int64_t{1} << 20;
constexpr int64_t kTargetDataBytes = 512 * kMebibyte;
constexpr int64_t kTargetDeleteBytes = 64 * kMebibyte;
constexpr int64_t kMaxInferredColumns = 100;
constexpr int64_t kMaxZstdLevel = 22;
constexpr std::string_view kMetricsDefault = "write.metadata.metrics.default";
constexpr std::string_view kMetricsColumn = "write.metadata.metrics.column.";
constexpr std::string_view kMetricsInferred = "write.metadata.metrics.max-inferred-column-defaults";

struct NamedCodec {
  std::string_view name;
  engine::ParquetCodec codec;
};
constexpr std::array kCodecs = {
    NamedCodec{"zstd", engine::ParquetCodec::kZstd},
    NamedCodec{"snappy", engine::ParquetCodec::kSnappy},
    NamedCodec{"gzip", engine::ParquetCodec::kGzip},
    NamedCodec{"lz4", engine::ParquetCodec::kLz4},
    NamedCodec{"lz4_raw", engine::ParquetCodec::kLz4},
    NamedCodec{"brotli", engine::ParquetCodec::kBrotli},
    NamedCodec{"uncompressed", engine::ParquetCodec::kUncompressed},
    NamedCodec{"none", engine::ParquetCodec::kUncompressed},
};

std::unexpected<Error> Refused(std::string_view property, std::string_view value,
                               std::string hint) {
  return std::unexpected(
      Error{ErrorKind::kInvalidArgument,
            fmt::format("table property \"{}\" cannot be \"{}\"", property, value),
            {},
            std::move(hint)});
}

std::optional<int64_t> ParseNumber(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Properties by the first of two names that there is: of deletes, then of data.
class Properties {
 public:
  Properties(const iceberg::TableMetadata& table, bool deletes)
      : properties_(table.properties), deletes_(deletes) {}

  struct Found {
    std::string name, value;
  };
  std::optional<Found> Find(std::string_view name) const {
    if (deletes_) {
      std::string own = fmt::format("write.delete.{}", name);
      const auto found = properties_.find(own);
      if (found != properties_.end()) return Found{std::move(own), found->second};
    }
    std::string common = fmt::format("write.{}", name);
    const auto found = properties_.find(common);
    if (found == properties_.end()) return std::nullopt;
    return Found{std::move(common), found->second};
  }

  Result<int64_t> Number(std::string_view name, int64_t fallback, int64_t least,
                         int64_t most) const {
    const auto found = Find(name);
    if (!found) return fallback;
    const auto number = ParseNumber(found->value);
    if (number && *number >= least && *number <= most) return *number;
    return Refused(found->name, found->value,
                   fmt::format("It takes a whole number from {} to {}.", least, most));
  }
  Result<int64_t> Positive(std::string_view name, int64_t fallback) const {
    return Number(name, fallback, 1, std::numeric_limits<int64_t>::max());
  }

 private:
  const std::map<std::string, std::string>& properties_;
  const bool deletes_;
};

Result<engine::ParquetCodec> CodecOf(const Properties& properties) {
  const auto found = properties.Find("parquet.compression-codec");
  if (!found) return engine::ParquetCodec::kZstd;
  for (const NamedCodec& known : kCodecs) {
    if (iceberg::ToLowerAscii(found->value) == known.name) return known.codec;
  }
  return Refused(found->name, found->value, "Use zstd, snappy, gzip, lz4, brotli or uncompressed.");
}

Result<> CheckFormat(const Properties& properties) {
  const auto found = properties.Find("format.default");
  if (!found || iceberg::ToLowerAscii(found->value) == "parquet") return {};
  return Refused(found->name, found->value, "Rows are written as Parquet only.");
}

Result<WriteProperties> ParquetProperties(const Properties& properties) {
  WriteProperties result;
  engine::DataFileOptions& files = result.files;
  TARN_TRY(CheckFormat(properties));
  TARN_ASSIGN(files.codec, CodecOf(properties));
  if (files.codec == engine::ParquetCodec::kZstd) {
    TARN_ASSIGN(const int64_t level,
                properties.Number("parquet.compression-level", files.zstd_level, 1, kMaxZstdLevel));
    files.zstd_level = static_cast<int32_t>(level);
  }
  TARN_ASSIGN(files.row_group_bytes,
              properties.Positive("parquet.row-group-size-bytes", files.row_group_bytes));
  TARN_ASSIGN(files.row_group_rows,
              properties.Positive("parquet.row-group-limit", files.row_group_rows));
  TARN_ASSIGN(files.string_dictionary_bytes, properties.Positive("parquet.dict-size-bytes", 0));
  return result;
}

Result<engine::ColumnMetrics> ParseMetrics(std::string_view property, const std::string& text) {
  using engine::MetricsMode;
  const std::string mode = iceberg::ToLowerAscii(text);
  if (mode == "none") return engine::ColumnMetrics{.mode = MetricsMode::kNone};
  if (mode == "counts") return engine::ColumnMetrics{.mode = MetricsMode::kCounts};
  if (mode == "full") return engine::ColumnMetrics{.mode = MetricsMode::kFull};
  constexpr std::string_view kTruncate = "truncate(";
  if (mode.starts_with(kTruncate) && mode.ends_with(')')) {
    const auto length = ParseNumber(
        std::string_view(mode).substr(kTruncate.size(), mode.size() - kTruncate.size() - 1));
    if (length && *length > 0 && *length <= std::numeric_limits<int32_t>::max()) {
      return engine::ColumnMetrics{.mode = MetricsMode::kTruncate,
                                   .length = static_cast<int32_t>(*length)};
    }
  }
  return Refused(property, text, "Use none, counts, truncate(length) or full.");
}

/// Leaves that have metrics, and columns by the names that properties give them: a dot before the
/// name of a part.
class MetricsOfColumns {
 public:
  MetricsOfColumns(const iceberg::TableMetadata& table, engine::DataFileOptions& files)
      : table_(table), files_(files) {}

  Result<> Fill(const std::vector<Field>& columns) {
    const auto& properties = table_.properties;
    if (const auto found = properties.find(std::string(kMetricsDefault));
        found != properties.end()) {
      TARN_ASSIGN(files_.metrics, ParseMetrics(found->first, found->second));
    } else {
      // A wide table keeps metrics of its first columns; which rows moved is always known.
      TARN_ASSIGN(inferred_, InferredColumns());
    }
    for (const Field& column : columns) {
      const bool beyond = inferred_ && seen_++ >= *inferred_;
      TARN_TRY(Visit(column, "", beyond));
    }
    return {};
  }

 private:
  Result<std::optional<int64_t>> InferredColumns() const {
    const auto found = table_.properties.find(std::string(kMetricsInferred));
    if (found == table_.properties.end()) return kMaxInferredColumns;
    const auto number = ParseNumber(found->second);
    if (!number || *number < 0) {
      return Refused(kMetricsInferred, found->second, "It takes a whole number.");
    }
    return number;
  }

  Result<> Visit(const Field& field, const std::string& prefix, bool beyond) {
    const std::string name = prefix + field.name;
    const auto own = table_.properties.find(std::string(kMetricsColumn) + name);
    if (own != table_.properties.end()) {
      TARN_ASSIGN(files_.column_metrics[field.id], ParseMetrics(own->first, own->second));
    } else if (beyond) {
      files_.column_metrics[field.id] = {.mode = engine::MetricsMode::kNone};
    }
    for (const Field& child : field.type.children) TARN_TRY(Visit(child, name + ".", beyond));
    return {};
  }

  const iceberg::TableMetadata& table_;
  engine::DataFileOptions& files_;
  std::optional<int64_t> inferred_;
  int64_t seen_ = 0;
};

}  // namespace

Result<WriteProperties> DataWriteProperties(const iceberg::TableMetadata& table,
                                            const std::vector<Field>& columns) {
  const Properties properties(table, false);
  TARN_ASSIGN(WriteProperties result, ParquetProperties(properties));
  TARN_ASSIGN(result.target_file_size_bytes,
              properties.Positive("target-file-size-bytes", kTargetDataBytes));
  TARN_TRY(MetricsOfColumns(table, result.files).Fill(columns));
  return result;
}

Result<WriteProperties> DeleteWriteProperties(const iceberg::TableMetadata& table) {
  TARN_ASSIGN(WriteProperties result, ParquetProperties(Properties(table, true)));
  TARN_ASSIGN(result.target_file_size_bytes, TargetDeleteFileBytes(table));
  result.files.metrics = {.mode = engine::MetricsMode::kFull};
  return result;
}

Result<int64_t> TargetDeleteFileBytes(const iceberg::TableMetadata& table) {
  return Properties(table, false).Positive("delete.target-file-size-bytes", kTargetDeleteBytes);
}

}  // namespace tarn::table
