// SPDX-License-Identifier: Apache-2.0
#include "server/catalogues/mirror_content.h"

#include <array>
#include <nlohmann/json.hpp>

#include "server/catalogues/short_names.h"
#include "server/postgres/type_map.h"
#include "sql/syntax/name.h"
#include "warehouse/objects/database.h"
#include "warehouse/objects/principals.h"
#include "warehouse/objects/routine.h"
#include "warehouse/objects/table.h"
#include "warehouse/show/lister.h"
#include "warehouse/statement_error.h"

namespace tarn::server::catalogues {
namespace {

using nlohmann::json;
using postgres::WireType;
using postgres::WireTypeOf;
using warehouse::Authority;
using warehouse::Caller;
using warehouse::Column;
using warehouse::Constraint;
using warehouse::ConstraintKind;
using warehouse::Lister;
using warehouse::ListFilter;
using warehouse::ListScope;
using warehouse::Object;
using warehouse::ObjectHead;
using warehouse::ObjectId;
using warehouse::Snapshot;
using warehouse::StatementResult;

constexpr uint32_t kRecord = 2249;
constexpr std::string_view kServerOwner = "tarn";

std::string Text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// PostgreSQL keeps these beginnings for itself.
std::string PrincipalName(ShortNames& names, std::string_view name, int64_t id) {
  if (!name.starts_with("pg_")) return names.Add(name, id);
  const std::string shown = fmt::format("~{}", name);
  return names.Add(shown, id);
}

class ContentReader {
 public:
  ContentReader(const Snapshot& snapshot, const Caller& caller, const Authority& authority,
                const Principals& principals, const ObjectHead& database)
      : snapshot_(snapshot),
        caller_(caller),
        authority_(authority),
        principals_(principals),
        filter_{.scope = ListScope::kDatabase,
                .place = warehouse::ObjectName{.name = database.name},
                .whole = true} {}

  StatementResult<> Read(MirrorContent& content) {
    STATEMENT_ASSIGN(const Lister lister, Lister::Make(snapshot_, caller_, authority_, filter_));
    STATEMENT_TRY(ReadSchemas(lister, content));
    STATEMENT_TRY(ReadRelations<warehouse::Table>(lister, "r", content));
    STATEMENT_TRY(ReadRelations<warehouse::DynamicTable>(lister, "r", content));
    STATEMENT_TRY(ReadRelations<warehouse::View>(lister, "v", content));
    STATEMENT_TRY(ReadRoutines<warehouse::Function>(lister, "f", content));
    return ReadRoutines<warehouse::Procedure>(lister, "p", content);
  }

 private:
  int64_t OwnerOf(const ObjectHead& head) const {
    const auto found = principals_.owners.find(head.owner);
    return found == principals_.owners.end() ? head.owner.value() : found->second.value();
  }

  StatementResult<> ReadSchemas(const Lister& lister, MirrorContent& content) {
    ShortNames names;
    names.Reserve("pg_catalog");
    names.Reserve("pg_toast");
    names.Reserve("information_schema");
    STATEMENT_ASSIGN(const auto schemas, lister.List<warehouse::Schema>());
    for (const auto& schema : schemas) {
      const ObjectHead& head = schema.head;
      if (head.name == warehouse::kInformationSchema) continue;
      const std::string name = names.Add(head.name, head.id.value());
      content.schemas[head.id] = name;
      content.objects[head.id] = {MirroredObject::Kind::kSchema, Text({{"id", head.id.value()},
                                                                       {"name", name},
                                                                       {"owner", OwnerOf(head)},
                                                                       {"comment", head.comment}})};
    }
    return {};
  }

  StatementResult<std::string> PrivilegesOn(const ObjectHead& head, bool is_view) const {
    std::string all;
    for (const std::string_view privilege :
         {warehouse::kSelect, warehouse::kInsert, warehouse::kUpdate, warehouse::kDelete,
          warehouse::kTruncate, warehouse::kReferences}) {
      if (is_view && privilege != warehouse::kSelect) break;
      bool has = authority_.Owns(head);
      if (!has) {
        STATEMENT_ASSIGN(has, authority_.Has(head, privilege));
      }
      if (has) all += (all.empty() ? "" : ",") + std::string(privilege);
    }
    return all;
  }

  static json ColumnsOf(const std::vector<Column>& columns) {
    ShortNames names;
    json all = json::array();
    for (const Column& column : columns) {
      const auto number = static_cast<int64_t>(all.size()) + 1;
      const WireType type = WireTypeOf(column.type, {});
      all.push_back({{"name", names.Add(column.name, number)},
                     {"type", type.oid},
                     {"typmod", type.typmod},
                     {"required", !column.nullable},
                     {"fallback", column.default_sql ? json(*column.default_sql) : json()},
                     {"identity", column.identity.has_value()},
                     {"comment", column.comment}});
    }
    return all;
  }

  static json NumbersOf(const std::vector<std::string>& names, const std::vector<Column>& columns) {
    json numbers = json::array();
    for (const std::string& name : names) {
      const auto found = std::ranges::find(columns, name, &Column::name);
      if (found != columns.end()) numbers.push_back(found - columns.begin() + 1);
    }
    return numbers;
  }

  /// A key whose other table the caller does not see is not told.
  StatementResult<json> KeysOf(const std::vector<Constraint>& constraints,
                               const std::vector<Column>& columns) const {
    ShortNames names;
    json all = json::array();
    for (const Constraint& key : constraints) {
      json told = {{"name", names.Add(key.name, static_cast<int64_t>(all.size()) + 1)},
                   {"columns", NumbersOf(key.columns, columns)},
                   {"referenced", nullptr},
                   {"referenced_columns", nullptr}};
      told["type"] = key.kind == ConstraintKind::kPrimaryKey ? "p"
                     : key.kind == ConstraintKind::kUnique   ? "u"
                                                             : "f";
      if (key.kind == ConstraintKind::kForeignKey) {
        if (!key.referenced_table) continue;
        STATEMENT_ASSIGN(const auto head, snapshot_.FindHead(*key.referenced_table));
        if (!head || head->dropped_ms) continue;
        STATEMENT_ASSIGN(const bool seen, authority_.Reaches(*head));
        STATEMENT_ASSIGN(const auto table, snapshot_.Find<warehouse::Table>(head->id));
        if (!seen || !table) continue;
        told["referenced"] = head->id.value();
        told["referenced_columns"] = NumbersOf(key.referenced_columns, table->columns);
      }
      all.push_back(std::move(told));
    }
    return all;
  }

  template <typename Noun>
  json DefinitionOf(const Object<Noun>& object) const {
    if constexpr (std::is_same_v<Noun, warehouse::View>) {
      // The text of a secure view is its owner's.
      if (!object.value.secure || authority_.Owns(object.head)) return object.value.query;
    }
    return nullptr;
  }

  template <typename Noun>
  StatementResult<> ReadRelations(const Lister& lister, const char* kind, MirrorContent& content) {
    STATEMENT_ASSIGN(const auto objects, lister.List<Noun>());
    for (const Object<Noun>& object : objects) {
      const ObjectHead& head = object.head;
      if (!content.schemas.contains(head.container)) continue;
      STATEMENT_ASSIGN(const std::string privileges,
                       PrivilegesOn(head, std::is_same_v<Noun, warehouse::View>));
      json keys = json::array();
      if constexpr (std::is_same_v<Noun, warehouse::Table>) {
        STATEMENT_ASSIGN(keys, KeysOf(object.value.constraints, object.value.columns));
      }
      const std::string name = relations_[head.container].Add(head.name, head.id.value());
      content.objects[head.id] = {MirroredObject::Kind::kRelation,
                                  Text({{"id", head.id.value()},
                                        {"name", name},
                                        {"schema", head.container.value()},
                                        {"owner", OwnerOf(head)},
                                        {"kind", kind},
                                        {"privileges", privileges},
                                        {"comment", head.comment},
                                        {"definition", DefinitionOf(object)},
                                        {"columns", ColumnsOf(object.value.columns)},
                                        {"keys", std::move(keys)}})};
    }
    return {};
  }

  static std::string LanguageOf(const std::string& language) {
    std::string lower;
    for (const char c : language) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    for (const char* known : {"javascript", "python", "java", "scala"}) {
      if (lower == known) return lower;
    }
    return "sql";
  }

  template <typename Noun>
  StatementResult<> ReadRoutines(const Lister& lister, const char* kind, MirrorContent& content) {
    STATEMENT_ASSIGN(const auto objects, lister.List<Noun>());
    for (const Object<Noun>& object : objects) {
      const ObjectHead& head = object.head;
      if (!content.schemas.contains(head.container)) continue;
      const Noun& routine = object.value;
      json types = json::array(), names = json::array();
      std::string types_key;
      for (const warehouse::Argument& argument : routine.arguments) {
        types.push_back(WireTypeOf(argument.type, {}).oid);
        types_key += fmt::format(" {}", types.back().template get<uint32_t>());
        names.push_back(argument.name);
      }
      const bool rows = std::string_view(kind) == "f" && routine.returns_table.has_value();
      if (rows) {
        for (const Column& column : *routine.returns_table) {
          types.push_back(WireTypeOf(column.type, {}).oid);
          names.push_back(column.name);
        }
      }
      const bool hidden = routine.secure && !authority_.Owns(head);
      // Overloads and procedures that PostgreSQL could not tell apart.
      const std::string name =
          routines_[{head.container, types_key}].Add(head.name, head.id.value());
      content.objects[head.id] = {
          MirroredObject::Kind::kRoutine,
          Text({{"id", head.id.value()},
                {"name", name},
                {"schema", head.container.value()},
                {"owner", OwnerOf(head)},
                {"kind", kind},
                {"language", LanguageOf(routine.language)},
                {"strict", routine.strict},
                {"gives_rows", rows},
                {"returns", routine.returns_table ? kRecord : WireTypeOf(routine.returns, {}).oid},
                {"arguments", routine.arguments.size()},
                {"types", std::move(types)},
                {"names", std::move(names)},
                {"body", hidden ? std::string() : routine.body},
                {"comment", head.comment}})};
    }
    return {};
  }

  const Snapshot& snapshot_;
  const Caller& caller_;
  const Authority& authority_;
  const Principals& principals_;
  const ListFilter filter_;
  std::map<ObjectId, ShortNames> relations_;  ///< by schema
  std::map<std::pair<ObjectId, std::string>, ShortNames> routines_;
};

}  // namespace

StatementResult<Principals> ReadPrincipals(const Snapshot& snapshot, const Caller& caller) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  const ListFilter filter{.scope = ListScope::kAccount, .whole = true};
  STATEMENT_ASSIGN(const Lister lister, Lister::Make(snapshot, caller, authority, filter));
  STATEMENT_ASSIGN(const auto users, lister.List<warehouse::User>());
  STATEMENT_ASSIGN(const auto roles, lister.List<warehouse::Role>());
  Principals principals;
  ShortNames names;
  names.Reserve(kServerOwner);
  names.Reserve("public");
  names.Reserve("none");
  std::map<std::string, ObjectId, std::less<>> by_name;
  json all = json::array();
  const auto add = [&](const ObjectHead& head, bool may_log_in) {
    const std::string name = PrincipalName(names, head.name, head.id.value());
    principals.names[head.id] = name;
    all.push_back({{"id", head.id.value()}, {"name", name}, {"login", may_log_in}});
  };
  for (const auto& user : users) {
    add(user.head, true);
    by_name[user.head.name] = user.head.id;
  }
  for (const auto& role : roles) {
    if (const auto found = by_name.find(role.head.name); found != by_name.end()) {
      principals.owners[role.head.id] = found->second;
    } else {
      add(role.head, false);
    }
  }
  principals.json = Text(all);
  return principals;
}

StatementResult<MirrorContent> ReadContent(const Snapshot& snapshot, const Caller& caller,
                                           const Authority& authority, const Principals& principals,
                                           const std::optional<ObjectHead>& database) {
  MirrorContent content;
  const ListFilter filter{.scope = ListScope::kAccount, .whole = true};
  STATEMENT_ASSIGN(const Lister lister, Lister::Make(snapshot, caller, authority, filter));
  STATEMENT_ASSIGN(const auto databases, lister.List<warehouse::Database>());
  ShortNames names;
  json all = json::array();
  for (const auto& found : databases) {
    const ObjectHead& head = found.head;
    const auto owner = principals.owners.find(head.owner);
    all.push_back(
        {{"id", head.id.value()},
         {"name", names.Add(head.name, head.id.value())},
         {"owner", owner == principals.owners.end() ? head.owner.value() : owner->second.value()},
         {"comment", head.comment}});
  }
  content.databases = Text(all);
  if (!database) return content;
  STATEMENT_TRY(ContentReader(snapshot, caller, authority, principals, *database).Read(content));
  return content;
}

}  // namespace tarn::server::catalogues
