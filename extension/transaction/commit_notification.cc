// SPDX-License-Identifier: Apache-2.0
#include "transaction/commit_notification.h"

#include "boundary/guard.h"
#include "definition/settings.h"

extern "C" {
#include <commands/async.h>
#include <commands/dbcommands.h>
#include <lib/stringinfo.h>
#include <utils/json.h>
#include <utils/lsyscache.h>
}

namespace tarn::extension {
namespace {

constexpr char kChannel[] = "tarn_commit";

void AddText(StringInfo text, const char* name, const char* value) {
  appendStringInfo(text, "\"%s\":", name);
  if (value != nullptr) {
    escape_json(text, value);
  } else {
    appendStringInfoString(text, "null");
  }
}

/// PostgreSQL takes less than this (async.c).
constexpr int kMaxPayloadBytes = BLCKSZ - NAMEDATALEN - 128;

void Notify(Oid table, const char* snapshot, const char* location) {
  StringInfoData text;
  initStringInfo(&text);
  appendStringInfoChar(&text, '{');
  AddText(&text, "database", get_database_name(MyDatabaseId));
  appendStringInfoChar(&text, ',');
  AddText(&text, "schema", get_namespace_name(get_rel_namespace(table)));
  appendStringInfoChar(&text, ',');
  AddText(&text, "table", get_rel_name(table));
  appendStringInfo(&text, ",\"oid\":%u,\"snapshot_id\":%s,", table, snapshot);
  const int before_location = text.len;
  AddText(&text, "metadata_location", location);
  if (text.len + 1 >= kMaxPayloadBytes) {
    // Who listens finds it in iceberg_tables.
    text.len = before_location;
    AddText(&text, "metadata_location", nullptr);
  }
  appendStringInfoChar(&text, '}');
  Async_Notify(kChannel, text.data);
}

}  // namespace

void NotifyCommit(const Pointer& pointer) {
  if (!settings().notify_commits) return;
  const std::string snapshot =
      pointer.snapshot_id ? std::to_string(*pointer.snapshot_id) : std::string("null");
  Pg([&] { Notify(pointer.table_oid, snapshot.c_str(), pointer.metadata_location.c_str()); });
}

}  // namespace tarn::extension
