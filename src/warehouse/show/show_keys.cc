// SPDX-License-Identifier: Apache-2.0
#include "warehouse/show/show_keys.h"

#include <algorithm>

#include "warehouse/catalogue/names.h"
#include "warehouse/objects/table.h"
#include "warehouse/show/shown_columns.h"

namespace tarn::warehouse {
namespace {

constexpr auto kNumber = ShownType::kNumber;
constexpr auto kTimestamp = ShownType::kTimestamp;

using Tables = std::vector<Object<Table>>;

const std::vector<ShownColumn> kOwnKeys = {{"created_on", kTimestamp},
                                           {"database_name"},
                                           {"schema_name"},
                                           {"table_name"},
                                           {"column_name"},
                                           {"key_sequence", kNumber},
                                           {"constraint_name"},
                                           {"rely"},
                                           {"comment"}};
const std::vector<ShownColumn> kForeignKeys = {{"created_on", kTimestamp},
                                               {"pk_database_name"},
                                               {"pk_schema_name"},
                                               {"pk_table_name"},
                                               {"pk_column_name"},
                                               {"fk_database_name"},
                                               {"fk_schema_name"},
                                               {"fk_table_name"},
                                               {"fk_column_name"},
                                               {"key_sequence", kNumber},
                                               {"update_rule"},
                                               {"delete_rule"},
                                               {"fk_name"},
                                               {"pk_name"},
                                               {"deferrability"},
                                               {"rely"},
                                               {"comment"}};

Value Text(std::string_view text) { return std::string(text); }

void AddOwnKeys(const Lister& lister, const Object<Table>& table, ConstraintKind kind,
                RowSet& set) {
  for (size_t i = 0; i < table.value.constraints.size(); ++i) {
    const Constraint& key = table.value.constraints[i];
    if (key.kind != kind) continue;
    for (size_t c = 0; c < key.columns.size(); ++c) {
      set.rows.push_back({Timestamp(table.head.created_ms), Text(lister.DatabaseName(table.head)),
                          Text(lister.SchemaName(table.head)), table.head.name, key.columns[c],
                          static_cast<int64_t>(c + 1), NameOfKey(table, i), Text("false"),
                          Value()});
    }
  }
}

void AddForeignKey(const Lister& lister, const Object<Table>& table, size_t at,
                   const Object<Table>& target, RowSet& set) {
  const Constraint& key = table.value.constraints[at];
  for (size_t c = 0; c < key.columns.size() && c < key.referenced_columns.size(); ++c) {
    set.rows.push_back({Timestamp(table.head.created_ms), Text(lister.DatabaseName(target.head)),
                        Text(lister.SchemaName(target.head)), target.head.name,
                        key.referenced_columns[c], Text(lister.DatabaseName(table.head)),
                        Text(lister.SchemaName(table.head)), table.head.name, key.columns[c],
                        static_cast<int64_t>(c + 1), Text("NO ACTION"), Text("NO ACTION"),
                        NameOfKey(table, at), NameOfTarget(target, key), Text("NOT DEFERRABLE"),
                        Text("false"), Value()});
  }
}

/// Foreign keys between `from`, all that the caller sees, and `listed`, at the end that is asked.
void AddForeignKeys(const Lister& lister, const Tables& all, const Tables& listed, ShownKeys kind,
                    RowSet& set) {
  std::unordered_map<ObjectId, const Object<Table>*> seen;
  for (const Object<Table>& table : all) seen.emplace(table.head.id, &table);
  std::unordered_set<ObjectId> asked;
  for (const Object<Table>& table : listed) asked.insert(table.head.id);
  for (const Object<Table>& table : all) {
    for (size_t i = 0; i < table.value.constraints.size(); ++i) {
      const auto& target = table.value.constraints[i].referenced_table;
      if (!target || !seen.contains(*target)) continue;
      if (!asked.contains(kind == ShownKeys::kImported ? table.head.id : *target)) continue;
      AddForeignKey(lister, table, i, *seen.at(*target), set);
    }
  }
}

}  // namespace

std::string NameOfKey(const Object<Table>& table, size_t at) {
  const Constraint& key = table.value.constraints[at];
  // The place of one keeps, unless a column of one before it is dropped.
  if (key.name.empty()) return fmt::format("SYS_CONSTRAINT_{}_{}", table.head.id.value(), at + 1);
  return key.name;
}

std::string NameOfTarget(const Object<Table>& target, const Constraint& foreign) {
  std::string primary;
  for (size_t i = 0; i < target.value.constraints.size(); ++i) {
    const Constraint& key = target.value.constraints[i];
    if (key.kind == ConstraintKind::kForeignKey) continue;
    if (key.columns == foreign.referenced_columns) return NameOfKey(target, i);
    if (key.kind == ConstraintKind::kPrimaryKey) primary = NameOfKey(target, i);
  }
  return primary;
}

StatementResult<RowSet> ShowKeys(const Snapshot& snapshot, const Caller& caller, ShownKeys kind,
                                 const ListFilter& filter, const std::optional<ObjectName>& table) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  const ListFilter everything{.scope = ListScope::kAccount, .whole = true};
  const bool foreign = kind == ShownKeys::kImported || kind == ShownKeys::kExported;
  ListFilter listed_filter = table ? everything : filter;
  listed_filter.whole = true;
  STATEMENT_ASSIGN(const Lister lister, Lister::Make(snapshot, caller, authority, listed_filter));
  STATEMENT_ASSIGN(Tables listed, lister.List<Table>());
  std::optional<Tables> all;
  if (foreign) {
    STATEMENT_ASSIGN(const Lister whole, Lister::Make(snapshot, caller, authority, everything));
    STATEMENT_ASSIGN(all, whole.List<Table>());
  }
  if (table) {
    STATEMENT_ASSIGN(const ObjectHead head,
                     ResolveRelation(snapshot, caller, authority, *table, "SHOW"));
    std::erase_if(listed, [&](const Object<Table>& other) { return other.head.id != head.id; });
  }
  RowSet set{.columns = foreign ? kForeignKeys : kOwnKeys, .rows = {}};
  if (foreign) {
    AddForeignKeys(lister, *all, listed, kind, set);
    return set;
  }
  for (const Object<Table>& one : listed) {
    AddOwnKeys(lister, one,
               kind == ShownKeys::kPrimary ? ConstraintKind::kPrimaryKey : ConstraintKind::kUnique,
               set);
  }
  return set;
}

StatementResult<RowSet> ShowIndexes(const Snapshot& snapshot, const Caller& caller,
                                    const ListFilter& filter,
                                    const std::optional<ObjectName>& table) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  if (table) {
    STATEMENT_TRY(ResolveRelation(snapshot, caller, authority, *table, "SHOW"));
  } else {
    STATEMENT_TRY(Lister::Make(snapshot, caller, authority, filter));
  }
  if (filter.terse) {
    return RowSet{.columns = {{"created_on", kTimestamp},
                              {"name"},
                              {"kind"},
                              {"database_name"},
                              {"schema_name"}},
                  .rows = {}};
  }
  return RowSet{.columns = {{"created_on", kTimestamp},
                            {"name"},
                            {"is_unique"},
                            {"columns"},
                            {"included_columns"},
                            {"table"},
                            {"database_name"},
                            {"schema_name"},
                            {"owner"},
                            {"owner_role_type"},
                            {"status"},
                            {"status_info"}},
                .rows = {}};
}

}  // namespace tarn::warehouse
