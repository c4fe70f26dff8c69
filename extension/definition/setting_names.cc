// SPDX-License-Identifier: Apache-2.0
#include "definition/setting_names.h"

#include <cstring>

extern "C" {
#include <nodes/parsenodes.h>
#include <utils/guc.h>
}

namespace tarn::extension {
namespace {

constexpr char kOwnPrefix[] = "tarn";
constexpr const char* kPrefixes[] = {kOwnPrefix, "pg_lake", "pg_lake_iceberg", "pg_lake_table",
                                     "pg_lake_engine"};

/// The prefix that the name begins with, or null.
const char* PrefixOf(const char* name) {
  for (const char* prefix : kPrefixes) {
    const size_t length = strlen(prefix);
    if (pg_strncasecmp(name, prefix, length) == 0 && name[length] == '.') return prefix;
  }
  return nullptr;
}

void CheckName(const VariableSetStmt* statement) {
  if (statement == nullptr || statement->name == nullptr || statement->kind == VAR_RESET) return;
  const char* prefix = PrefixOf(statement->name);
  if (prefix == nullptr || GetConfigOption(statement->name, true, false) != nullptr) return;
  ereport(ERROR,
          (errcode(ERRCODE_UNDEFINED_OBJECT),
           errmsg("unrecognized configuration parameter \"%s\"", statement->name),
           prefix == kOwnPrefix
               ? errhint("SELECT name, short_desc FROM pg_settings WHERE name LIKE 'tarn.%%' "
                         "lists those that there are.")
               : errhint("Of pg_lake's settings there is pg_lake_iceberg.default_location_prefix; "
                         "Tarn's own are named tarn.*.")));
}

}  // namespace

void ReserveSettingPrefixes() {
  for (const char* prefix : kPrefixes) MarkGUCPrefixReserved(prefix);
}

void CheckSettingNames(Node* statement) {
  switch (nodeTag(statement)) {
    case T_VariableSetStmt:
      CheckName(reinterpret_cast<VariableSetStmt*>(statement));
      break;
    case T_AlterSystemStmt:
      CheckName(reinterpret_cast<AlterSystemStmt*>(statement)->setstmt);
      break;
    case T_AlterDatabaseSetStmt:
      CheckName(reinterpret_cast<AlterDatabaseSetStmt*>(statement)->setstmt);
      break;
    case T_AlterRoleSetStmt:
      CheckName(reinterpret_cast<AlterRoleSetStmt*>(statement)->setstmt);
      break;
    default:
      break;
  }
}

}  // namespace tarn::extension
