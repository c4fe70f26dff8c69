// SPDX-License-Identifier: Apache-2.0
#include "definition/table_options.h"

#include <cstring>

extern "C" {
#include <access/htup_details.h>
#include <access/relation.h>
#include <access/reloptions.h>
#include <catalog/pg_class.h>
#include <utils/builtins.h>
#include <utils/lsyscache.h>
#include <utils/syscache.h>
}

namespace tarn::extension {
namespace {

struct OptionHint {
  const char* name;
  const char* hint;
};

constexpr char kCatalogHint[] =
    "PostgreSQL itself is the catalog: other engines find the table in iceberg_tables.";

/// Options that people know from elsewhere.
constexpr OptionHint kHints[] = {
    {"location",
     "Set pg_lake_iceberg.default_location_prefix before the table is made: it gets a directory of "
     "its own below the prefix."},
    {"partition_by",
     "Make a PostgreSQL table PARTITION BY RANGE, LIST or HASH, and its partitions USING iceberg."},
    {"catalog", kCatalogHint},
    {"catalog_name", kCatalogHint},
    {"catalog_namespace", kCatalogHint},
    {"catalog_table_name", kCatalogHint},
    {"read_only", "GRANT only SELECT on the table."},
    {"load_from", "Make the table, and COPY rows into it FROM STDIN."},
    {"definition_from", "Name the columns in CREATE TABLE."},
};

constexpr char kAutovacuum[] = "autovacuum_";

bool HasEffect(const char* name_space, const char* name) {
  if (name_space != nullptr) return false;
  return strncmp(name, kAutovacuum, strlen(kAutovacuum)) == 0 || strcmp(name, "oids") == 0;
}

const char* HintFor(const char* name) {
  for (const OptionHint& known : kHints) {
    if (strcmp(known.name, name) == 0) return known.hint;
  }
  return "Leave it out: of the storage parameters, lake tables take those of autovacuum "
         "(autovacuum_...).";
}

void CheckOption(const char* name_space, const char* name, const char* table, const char* hint) {
  if (HasEffect(name_space, name)) return;
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("parameter \"%s%s%s\" is not supported on lake table \"%s\"",
                         name_space != nullptr ? name_space : "", name_space != nullptr ? "." : "",
                         name, table),
                  errhint("%s", hint)));
}

void RefuseClause(const char* clause, const char* table, const char* hint) {
  ereport(ERROR,
          (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
           errmsg("%s is not supported on lake table \"%s\"", clause, table), errhint("%s", hint)));
}

constexpr char kColumnHint[] =
    "Leave it out: values are encoded and compressed in the table's Parquet files.";

bool IsDefault(const Node* value) {
  return value != nullptr && IsA(value, String) && pg_strcasecmp(strVal(value), "default") == 0;
}

void CheckOptions(const List* options, const char* table) {
  ListCell* cell = nullptr;
  foreach (cell, options) {
    const auto* option = lfirst_node(DefElem, cell);
    CheckOption(option->defnamespace, option->defname, table, HintFor(option->defname));
  }
}

}  // namespace

void CheckLakeStorageClauses(const List* options, const char* tablespace, const char* table) {
  CheckOptions(options, table);
  if (tablespace != nullptr) {
    RefuseClause("TABLESPACE", table,
                 "Its files are at its location: set pg_lake_iceberg.default_location_prefix.");
  }
}

void CheckLakeAlterClause(const AlterTableCmd* command, const char* table) {
  switch (command->subtype) {
    case AT_SetRelOptions:
    case AT_ReplaceRelOptions:
      CheckOptions(reinterpret_cast<const List*>(command->def), table);
      break;
    case AT_SetStorage:
      if (!IsDefault(command->def)) RefuseClause("SET STORAGE", table, kColumnHint);
      break;
    case AT_SetCompression:
      if (!IsDefault(command->def)) RefuseClause("SET COMPRESSION", table, kColumnHint);
      break;
    case AT_AddColumn: {
      const auto* column = reinterpret_cast<const ColumnDef*>(command->def);
      if (column->storage_name != nullptr) RefuseClause("STORAGE", table, kColumnHint);
      if (column->compression != nullptr) RefuseClause("COMPRESSION", table, kColumnHint);
      break;
    }
    case AT_ReplicaIdentity:
      RefuseClause("REPLICA IDENTITY", table,
                   "Rows of lake tables are not in the write-ahead log, so they are not "
                   "replicated.");
      break;
    case AT_ClusterOn:
      RefuseClause("CLUSTER ON", table, "Lake tables have no indexes.");
      break;
    default:
      break;
  }
}

void CheckLakeColumnClauses(Relation relation) {
  TupleDesc descriptor = RelationGetDescr(relation);
  for (int i = 0; i < descriptor->natts; ++i) {
    const FormData_pg_attribute& attribute = *TupleDescAttr(descriptor, i);
    if (attribute.attisdropped || !attribute.attislocal) continue;
    const bool stored = attribute.attstorage != get_typstorage(attribute.atttypid);
    const bool compressed = attribute.attcompression != '\0';
    if (!stored && !compressed) continue;
    ereport(
        ERROR,
        (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
         errmsg("%s of column \"%s\" is not supported on lake table \"%s\"",
                stored ? "STORAGE" : "COMPRESSION", NameStr(attribute.attname),
                RelationGetRelationName(relation)),
         errhint("Leave it out (of LIKE: EXCLUDING %s; of a heap table: ALTER COLUMN %s SET %s "
                 "DEFAULT): values are encoded and compressed in the table's Parquet files.",
                 stored ? "STORAGE" : "COMPRESSION", quote_identifier(NameStr(attribute.attname)),
                 stored ? "STORAGE" : "COMPRESSION")));
  }
}

void CheckCarriedOptions(Oid relation_oid) {
  Relation relation = relation_open(relation_oid, NoLock);
  CheckLakeColumnClauses(relation);
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation_oid));
  bool is_null = true;
  const Datum stored = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_reloptions, &is_null);
  List* options = is_null ? NIL : untransformRelOptions(stored);
  ReleaseSysCache(tuple);
  ListCell* cell = nullptr;
  foreach (cell, options) {
    const char* name = lfirst_node(DefElem, cell)->defname;
    CheckOption(nullptr, name, RelationGetRelationName(relation),
                psprintf("ALTER TABLE ... RESET (%s) first.", quote_identifier(name)));
  }
  relation_close(relation, NoLock);
}

}  // namespace tarn::extension
