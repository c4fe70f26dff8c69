// SPDX-License-Identifier: Apache-2.0
// Columns and constraints of tables and views, and the stored form of a type.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/data_type.h"
#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

template <>
struct EnumNames<sql::DataTypeKind> {
  using K = sql::DataTypeKind;
  using N = EnumName<K>;
  static constexpr std::array kAll = {N{K::kNull, "NULL"},
                                      N{K::kNumber, "NUMBER"},
                                      N{K::kFloat, "FLOAT"},
                                      N{K::kVarchar, "VARCHAR"},
                                      N{K::kBinary, "BINARY"},
                                      N{K::kBoolean, "BOOLEAN"},
                                      N{K::kDate, "DATE"},
                                      N{K::kTime, "TIME"},
                                      N{K::kTimestampNtz, "TIMESTAMP_NTZ"},
                                      N{K::kTimestampLtz, "TIMESTAMP_LTZ"},
                                      N{K::kTimestampTz, "TIMESTAMP_TZ"},
                                      N{K::kVariant, "VARIANT"},
                                      N{K::kObject, "OBJECT"},
                                      N{K::kArray, "ARRAY"},
                                      N{K::kMap, "MAP"},
                                      N{K::kUuid, "UUID"}};
};

template <>
struct Fields<sql::DataTypeField> {
  static constexpr auto kAll =
      std::tuple{Field{"name", &sql::DataTypeField::name}, Field{"type", &sql::DataTypeField::type},
                 Field{"nullable", &sql::DataTypeField::nullable}};
};

template <>
struct Fields<sql::DataType> {
  static constexpr auto kAll =
      std::tuple{Field{"kind", &sql::DataType::kind}, Field{"precision", &sql::DataType::precision},
                 Field{"scale", &sql::DataType::scale}, Field{"length", &sql::DataType::length},
                 Field{"fields", &sql::DataType::fields}};
};

/// Values that a column numbers by itself (AUTOINCREMENT, IDENTITY).
struct Identity {
  int64_t start = 1;
  int64_t increment = 1;
  bool ordered = false;
  bool operator==(const Identity&) const = default;
};

template <>
struct Fields<Identity> {
  static constexpr auto kAll =
      std::tuple{Field{"start", &Identity::start}, Field{"increment", &Identity::increment},
                 Field{"ordered", &Identity::ordered}};
};

/// A column as Snowflake's SQL knows it. Iceberg's schema knows it by `field_id` (0: of a view) and
/// says less: the length of text, the default, the comment stand here only.
struct Column {
  std::string name;
  int32_t field_id = 0;
  sql::DataType type;
  bool nullable = true;
  std::optional<std::string> default_sql;
  std::optional<Identity> identity;
  std::string comment;
  std::string collation;
  bool operator==(const Column&) const = default;
};

template <>
struct Fields<Column> {
  static constexpr auto kAll =
      std::tuple{Field{"name", &Column::name},           Field{"field_id", &Column::field_id},
                 Field{"type", &Column::type},           Field{"nullable", &Column::nullable},
                 Field{"default", &Column::default_sql}, Field{"identity", &Column::identity},
                 Field{"comment", &Column::comment},     Field{"collation", &Column::collation}};
};

enum class ConstraintKind : uint8_t { kPrimaryKey, kUnique, kForeignKey };

template <>
struct EnumNames<ConstraintKind> {
  using N = EnumName<ConstraintKind>;
  static constexpr std::array kAll = {N{ConstraintKind::kPrimaryKey, "PRIMARY KEY"},
                                      N{ConstraintKind::kUnique, "UNIQUE"},
                                      N{ConstraintKind::kForeignKey, "FOREIGN KEY"}};
};

/// Told, not enforced, as in Snowflake.
struct Constraint {
  std::string name;
  ConstraintKind kind = ConstraintKind::kUnique;
  std::vector<std::string> columns;
  std::optional<ObjectId> referenced_table;
  std::vector<std::string> referenced_columns;
  bool operator==(const Constraint&) const = default;
};

template <>
struct Fields<Constraint> {
  static constexpr auto kAll =
      std::tuple{Field{"name", &Constraint::name}, Field{"kind", &Constraint::kind},
                 Field{"columns", &Constraint::columns},
                 Field{"referenced_table_id", &Constraint::referenced_table},
                 Field{"referenced_columns", &Constraint::referenced_columns}};
};

}  // namespace tarn::warehouse
