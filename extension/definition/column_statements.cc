// SPDX-License-Identifier: Apache-2.0
#include "definition/column_statements.h"

#include <algorithm>
#include <optional>

#include "boundary/guard.h"

extern "C" {
#include <utils/builtins.h>
#include <utils/fmgrprotos.h>
#include <utils/jsonb.h>
#include <utils/lsyscache.h>
}

namespace tarn::extension {
namespace {

std::string Quoted(const std::string& name) {
  const char* text = name.c_str();
  return Pg([&] { return quote_identifier(text); });
}

std::string Literal(const std::string& value) {
  const char* text = value.c_str();
  return Pg([&] { return quote_literal_cstr(text); });
}

std::string TypeName(const Field& field) {
  switch (field.type.kind) {
    case TypeKind::kBoolean:
      return "pg_catalog.bool";
    case TypeKind::kInt:
      return "pg_catalog.int4";
    case TypeKind::kLong:
      return "pg_catalog.int8";
    case TypeKind::kFloat:
      return "pg_catalog.float4";
    case TypeKind::kDouble:
      return "pg_catalog.float8";
    case TypeKind::kDecimal:
      return fmt::format("pg_catalog.\"numeric\"({},{})", field.type.precision, field.type.scale);
    case TypeKind::kDate:
      return "pg_catalog.date";
    case TypeKind::kTime:
      return "pg_catalog.\"time\"";
    case TypeKind::kTimestamp:
      return "pg_catalog.\"timestamp\"";
    case TypeKind::kTimestampTz:
      return "pg_catalog.timestamptz";
    case TypeKind::kString:
      return "pg_catalog.text";
    case TypeKind::kUuid:
      return "pg_catalog.uuid";
    case TypeKind::kBinary:
      return "pg_catalog.bytea";
    case TypeKind::kList:
      return TypeName(field.type.children.at(0)) + "[]";
    default:
      throw LakeError(Error{ErrorKind::kUnsupported,
                            fmt::format("PostgreSQL has no type for column \"{}\"", field.name),
                            {},
                            {}});
  }
}

/// The text of a JSON scalar; null for null.
char* ScalarText(const char* json) {
  Jsonb* parsed = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json)));
  JsonbValue value;
  if (!JsonbExtractScalar(&parsed->root, &value)) return nullptr;
  switch (value.type) {
    case jbvString:
      return pnstrdup(value.val.string.val, static_cast<Size>(value.val.string.len));
    case jbvNumeric:
      return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric)));
    case jbvBool:
      return pstrdup(value.val.boolean ? "true" : "false");
    default:
      return nullptr;
  }
}

/// A default as an expression; none for null.
std::optional<std::string> Expression(const Field& field, const std::optional<std::string>& json) {
  if (!json || *json == "null") return std::nullopt;
  const char* source = json->c_str();
  const char* text = Pg([&] { return ScalarText(source); });
  if (text == nullptr) {
    throw LakeError(
        Error{ErrorKind::kUnsupported,
              fmt::format("the default of column \"{}\" is no single value", field.name),
              {},
              {}});
  }
  const std::string value = field.type.kind == TypeKind::kBinary ? std::string("\\x") + text : text;
  return fmt::format("{}::{}", Literal(value), TypeName(field));
}

class Statements {
 public:
  Statements(Oid table, const std::vector<Field>& before, const std::vector<Field>& after)
      : before_(before), after_(after) {
    const char* name = Pg([&] {
      return quote_qualified_identifier(get_namespace_name(get_rel_namespace(table)),
                                        get_rel_name(table));
    });
    table_ = name;
  }

  std::vector<std::string> Make() {
    Drop();
    Rename();
    Retype();
    ChangeRules();
    Add();
    Comment();
    return std::move(statements_);
  }

 private:
  static const Field* Find(const std::vector<Field>& fields, FieldId id) {
    const auto found = std::ranges::find(fields, id, &Field::id);
    return found == fields.end() ? nullptr : &*found;
  }

  void Alter(const std::vector<std::string>& commands) {
    if (commands.empty()) return;
    std::string statement = fmt::format("ALTER TABLE {} {}", table_, commands.front());
    for (size_t i = 1; i < commands.size(); ++i) statement += ", " + commands[i];
    statements_.push_back(std::move(statement));
  }

  void RenameColumn(const std::string& from, const std::string& to) {
    statements_.push_back(
        fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", table_, Quoted(from), Quoted(to)));
  }

  void Drop() {
    std::vector<std::string> commands;
    for (const Field& field : before_) {
      if (Find(after_, field.id) == nullptr) {
        commands.push_back(fmt::format("DROP COLUMN {}", Quoted(field.name)));
      }
    }
    Alter(commands);
  }

  /// Names may go round in a circle: where a new name is still another column's, all go by names
  /// that nobody has.
  void Rename() {
    std::vector<std::pair<const Field*, const Field*>> renamed;
    for (const Field& field : before_) {
      const Field* now = Find(after_, field.id);
      if (now != nullptr && now->name != field.name) renamed.emplace_back(&field, now);
    }
    const bool collide = std::ranges::any_of(renamed, [&](const auto& change) {
      return std::ranges::any_of(
          renamed, [&](const auto& other) { return other.first->name == change.second->name; });
    });
    const auto temporary = [](const Field& field) {
      return fmt::format("tarn_renamed_{}", field.id.value());
    };
    for (const auto& [from, to] : renamed) {
      RenameColumn(from->name, collide ? temporary(*from) : to->name);
    }
    if (!collide) return;
    for (const auto& [from, to] : renamed) RenameColumn(temporary(*from), to->name);
  }

  /// Wider integers and floats by a statement of their own: that one keeps the files (widening.h).
  void Retype() {
    std::vector<std::string> widened;
    std::vector<std::string> others;
    for (const Field& field : after_) {
      const Field* old = Find(before_, field.id);
      if (old == nullptr || old->type == field.type || field.type.is_nested()) continue;
      const bool decimal = field.type.kind == TypeKind::kDecimal;
      (decimal ? others : widened)
          .push_back(fmt::format("ALTER COLUMN {} TYPE {}", Quoted(field.name), TypeName(field)));
    }
    Alter(widened);
    Alter(others);
  }

  void ChangeRules() {
    std::vector<std::string> commands;
    for (const Field& field : after_) {
      const Field* old = Find(before_, field.id);
      if (old == nullptr) continue;
      const std::string column = Quoted(field.name);
      if (old->required != field.required) {
        commands.push_back(
            fmt::format("ALTER COLUMN {} {} NOT NULL", column, field.required ? "SET" : "DROP"));
      }
      if (old->write_default != field.write_default) {
        commands.push_back(DefaultOf(field));
      }
    }
    Alter(commands);
  }

  static std::string DefaultOf(const Field& field) {
    const auto expression = Expression(field, field.write_default);
    return expression
               ? fmt::format("ALTER COLUMN {} SET DEFAULT {}", Quoted(field.name), *expression)
               : fmt::format("ALTER COLUMN {} DROP DEFAULT", Quoted(field.name));
  }

  /// The default of ADD COLUMN is what older rows have, and stays for new ones until another is
  /// set.
  void Add() {
    std::vector<std::string> added;
    std::vector<std::string> defaults;
    for (const Field& field : after_) {
      if (Find(before_, field.id) != nullptr) continue;
      const auto initial = Expression(field, field.initial_default);
      added.push_back(fmt::format("ADD COLUMN {} {}{}{}", Quoted(field.name), TypeName(field),
                                  initial ? " DEFAULT " + *initial : "",
                                  field.required ? " NOT NULL" : ""));
      if (field.write_default != field.initial_default) defaults.push_back(DefaultOf(field));
    }
    Alter(added);
    Alter(defaults);
  }

  void Comment() {
    for (const Field& field : after_) {
      const Field* old = Find(before_, field.id);
      const std::optional<std::string> was = old != nullptr ? old->doc : std::nullopt;
      if (was == field.doc) continue;
      statements_.push_back(fmt::format("COMMENT ON COLUMN {}.{} IS {}", table_, Quoted(field.name),
                                        field.doc ? Literal(*field.doc) : "NULL"));
    }
  }

  const std::vector<Field>& before_;
  const std::vector<Field>& after_;
  std::string table_;
  std::vector<std::string> statements_;
};

}  // namespace

std::vector<std::string> ColumnStatements(Oid table, const std::vector<Field>& before,
                                          const std::vector<Field>& after) {
  return Statements(table, before, after).Make();
}

}  // namespace tarn::extension
