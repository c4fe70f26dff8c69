// SPDX-License-Identifier: Apache-2.0
#include "warehouse/statements/unload_query.h"

#include "sql/bind/coercion.h"
#include "sql/syntax/name.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/copy_options.h"
#include "warehouse/statements/load_query.h"

namespace tarn::warehouse {
namespace {

using sql::DataTypeKind;
using sql::syntax::UpperCase;

std::string OptionOf(const FileFormat& format, const char* name, const char* absent) {
  const auto found = format.options.find(name);
  return found == format.options.end() ? std::string(absent) : found->second;
}

/// The value of a column as a text.
std::string TextItem(const sql::DataType& type, const std::string& item, const FileFormat& format) {
  if (sql::IsSemistructured(type)) return "TO_JSON(" + item + ")";
  if (type.kind == DataTypeKind::kVarchar) return item;
  const char* option = type.kind == DataTypeKind::kBinary ? "BINARY_FORMAT"
                       : type.kind == DataTypeKind::kDate ? "DATE_FORMAT"
                       : type.kind == DataTypeKind::kTime ? "TIME_FORMAT"
                       : sql::IsTimestamp(type)           ? "TIMESTAMP_FORMAT"
                                                          : nullptr;
  const std::string model =
      option == nullptr
          ? ""
          : OptionOf(format, option, type.kind == DataTypeKind::kBinary ? "HEX" : "AUTO");
  if (model.empty() || UpperCase(model) == "AUTO") return item + "::VARCHAR";
  return "TO_VARCHAR(" + item + ", " + InQuotes(model) + ")";
}

StatementResult<std::string> ParquetItem(const sql::bound::OutputColumn& column,
                                         const std::string& item) {
  switch (column.type.kind) {
    case DataTypeKind::kVariant:
      return "TO_JSON(" + item + ")";
    case DataTypeKind::kTimestampLtz:
    case DataTypeKind::kTimestampTz:
    case DataTypeKind::kObject:
    case DataTypeKind::kArray:
    case DataTypeKind::kMap:
    case DataTypeKind::kNull:
    case DataTypeKind::kUuid:
      return Unsupported(fmt::format("unloading of column {} of type {} to Parquet", column.name,
                                     ToString(column.type)),
                         "Cast it to another type in a query.");
    default:
      return item;
  }
}

}  // namespace

bool IsEnclosed(const sql::DataType& type) {
  return type.kind != DataTypeKind::kNumber && type.kind != DataTypeKind::kFloat &&
         type.kind != DataTypeKind::kBoolean;
}

StatementResult<std::string> UnloadQuery(std::string_view source,
                                         const std::vector<sql::bound::OutputColumn>& columns,
                                         const FileFormat& format) {
  if (format.type == "JSON" && (columns.size() != 1 || !sql::IsSemistructured(columns[0].type))) {
    return Unsupported("unloading of other than one VARIANT, OBJECT or ARRAY to JSON",
                       "Select one value of each row: OBJECT_CONSTRUCT(*).");
  }
  std::string items;
  for (size_t i = 0; i < columns.size(); ++i) {
    std::string item = fmt::format("${}", i + 1);
    if (format.type == "PARQUET") {
      STATEMENT_ASSIGN(item, ParquetItem(columns[i], item));
    } else {
      item = TextItem(columns[i].type, item, format);
    }
    items += (items.empty() ? "" : ", ") + item;
  }
  return fmt::format("SELECT {} FROM {}", items, source);
}

StatementResult<> CheckUnloadable(const FileFormat& format) {
  if (format.type != "CSV" && format.type != "JSON" && format.type != "PARQUET") {
    return Unsupported(fmt::format("COPY INTO files of type {}", format.type),
                       "Files of type CSV, JSON and PARQUET can be written.");
  }
  const std::string encoding = UpperCase(OptionOf(format, "ENCODING", "UTF8"));
  if (encoding != "UTF8" && encoding != "UTF-8") {
    return UnsupportedFeature("ENCODING = " + encoding);
  }
  return {};
}

StatementResult<FileEnding> EndingOf(const FileFormat& format) {
  const std::string how = UpperCase(OptionOf(format, "COMPRESSION", "AUTO"));
  if (format.type == "PARQUET") {
    const bool plain = how == "NONE" || OptionOf(format, "SNAPPY_COMPRESSION", "TRUE") == "FALSE";
    if (how != "AUTO" && how != "SNAPPY" && how != "NONE") {
      return Unsupported(fmt::format("COMPRESSION = {} of Parquet", how), "Use SNAPPY or NONE.");
    }
    return FileEnding{.packed = !plain, .extension = plain ? ".parquet" : ".snappy.parquet"};
  }
  if (how != "AUTO" && how != "GZIP" && how != "NONE") {
    return Unsupported(fmt::format("COMPRESSION = {} of COPY INTO files", how),
                       "Use GZIP or NONE.");
  }
  FileEnding ending{.packed = how != "NONE", .extension = {}};
  const std::string given = OptionOf(format, "FILE_EXTENSION", "");
  if (!given.empty() && UpperCase(given) != "NONE") {
    ending.extension = given.starts_with('.') ? given : "." + given;
    return ending;
  }
  ending.extension = format.type == "CSV" ? ".csv" : ".json";
  if (ending.packed) ending.extension += ".gz";
  return ending;
}

}  // namespace tarn::warehouse
