// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "warehouse/objects/column.h"
#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

struct Argument {
  std::string name;
  sql::DataType type;
  std::optional<std::string> default_sql;
  bool operator==(const Argument&) const = default;
};

template <>
struct Fields<Argument> {
  static constexpr auto kAll =
      std::tuple{Field{"name", &Argument::name}, Field{"type", &Argument::type},
                 Field{"default", &Argument::default_sql}};
};

/// What functions and procedures share. `returns_table` set: its columns; else `returns`.
struct Routine {
  std::vector<Argument> arguments;
  sql::DataType returns;
  std::optional<std::vector<Column>> returns_table;
  bool returns_not_null = false;
  std::string language = "SQL";
  std::string body;
  bool secure = false;
  bool operator==(const Routine&) const = default;
};

struct Function : Routine {
  static constexpr ObjectKind kKind = ObjectKind::kFunction;
  bool strict = false;  ///< RETURNS NULL ON NULL INPUT
  bool immutable = false;
  bool memoizable = false;
  bool aggregate = false;
  bool operator==(const Function&) const = default;
};

struct Procedure : Routine {
  static constexpr ObjectKind kKind = ObjectKind::kProcedure;
  bool strict = false;
  bool as_caller = false;  ///< EXECUTE AS CALLER; else OWNER
  bool operator==(const Procedure&) const = default;
};

template <typename Noun>
inline constexpr auto kRoutineFields = std::tuple{
    Field<Noun, std::vector<Argument>>{"arguments", &Noun::arguments},
    Field<Noun, sql::DataType>{"returns", &Noun::returns},
    Field<Noun, std::optional<std::vector<Column>>>{"returns_table", &Noun::returns_table},
    Field<Noun, bool>{"returns_not_null", &Noun::returns_not_null},
    Field<Noun, std::string>{"language", &Noun::language},
    Field<Noun, std::string>{"body", &Noun::body},
    Field<Noun, bool>{"secure", &Noun::secure}};

template <>
struct Fields<Function> {
  static constexpr auto kAll = std::tuple_cat(
      kRoutineFields<Function>,
      std::tuple{Field{"strict", &Function::strict}, Field{"immutable", &Function::immutable},
                 Field{"memoizable", &Function::memoizable},
                 Field{"aggregate", &Function::aggregate}});
};

template <>
struct Fields<Procedure> {
  static constexpr auto kAll = std::tuple_cat(
      kRoutineFields<Procedure>,
      std::tuple{Field{"strict", &Procedure::strict}, Field{"as_caller", &Procedure::as_caller}});
};

/// "(NUMBER, VARCHAR)": how overloads are told apart (lengths and digits do not count).
std::string SignatureOf(const std::vector<Argument>& arguments);

}  // namespace tarn::warehouse
