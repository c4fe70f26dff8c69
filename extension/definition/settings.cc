// SPDX-License-Identifier: Apache-2.0
#include "definition/settings.h"

#include <string>

#include "boundary/guard.h"
#include "definition/location.h"
#include "definition/privileges.h"

extern "C" {
#include <access/parallel.h>
#include <utils/guc.h>
}

namespace tarn::extension {
namespace {

Settings g_settings;

/// Puts what a Result says into the check hook's error. Returns false, as the hook shall.
bool RefuseSetting(const Error& error) {
  GUC_check_errcode(SqlState(error.kind));
  GUC_check_errmsg("%s", error.message.c_str());
  if (!error.detail.empty()) GUC_check_errdetail("%s", error.detail.c_str());
  if (!error.hint.empty()) GUC_check_errhint("%s", error.hint.c_str());
  return false;
}

/// guc_malloc reports at `elevel`; LOG cannot longjmp over C++ frames.
bool ReplaceSetting(char** value, const std::string& text) {
  auto* copy = static_cast<char*>(guc_malloc(LOG, text.size() + 1));
  if (copy == nullptr) return false;
  std::memcpy(copy, text.c_str(), text.size() + 1);
  guc_free(*value);
  *value = copy;
  return true;
}

/// A parallel worker takes over what its leader has set already.
bool MayChoosePrefix() {
  return InitializingParallelWorker || !IsTransactionState() ||
         Guard([] { return Pg([] { return MayPlaceTables(GetUserId()); }); });
}

bool CheckLocationPrefix(char** value, void** /*extra*/, GucSource source) {
  if (*value == nullptr) return true;
  const auto normalized = NormalizePrefix(*value);
  if (!normalized) return RefuseSetting(normalized.error());
  if (source >= PGC_S_INTERACTIVE && !MayChoosePrefix()) {
    return RefuseSetting(
        Error{ErrorKind::kPermissionDenied,
              "permission denied to set parameter \"pg_lake_iceberg.default_location_prefix\"",
              "Only roles with the privileges of the \"lake_write\" role may choose where tables "
              "are placed.",
              kPlaceTablesHint});
  }
  // While the server starts, the list of allowed locations may not be read yet; creating a table
  // checks again.
  if (source >= PGC_S_INTERACTIVE &&
      !IsAllowedLocation(*normalized, g_settings.allowed_locations != nullptr
                                          ? g_settings.allowed_locations
                                          : "")) {
    return RefuseSetting(Error{
        ErrorKind::kPermissionDenied,
        fmt::format("location \"{}\" is outside the allowed locations", *normalized),
        {},
        "Use a bucket (\"s3://bucket/\"), or have the prefix added to tarn.allowed_locations."});
  }
  return ReplaceSetting(value, *normalized);
}

bool CheckAllowedLocations(char** value, void** /*extra*/, GucSource /*source*/) {
  if (*value == nullptr) return true;
  const auto prefixes = ParseAllowedLocations(*value);
  return prefixes ? true : RefuseSetting(prefixes.error());
}

void DefineEngineSettings() {
  DefineCustomStringVariable(
      "tarn.engine_path", "Program that runs the lake engine.",
      "An absolute path of the program \"tarn\"; empty: no engine is started.",
      &g_settings.engine_path, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, nullptr, nullptr, nullptr);
  DefineCustomStringVariable(
      "tarn.buckets_directory", "Directory that holds a directory for each bucket.",
      "Relative to the data directory, or absolute.", &g_settings.buckets_directory, "tarn/buckets",
      PGC_SIGHUP, GUC_SUPERUSER_ONLY, nullptr, nullptr, nullptr);
  DefineCustomStringVariable("tarn.allowed_locations",
                             "Location prefixes beyond the buckets that tables may live in.",
                             "A comma-separated list.", &g_settings.allowed_locations, "",
                             PGC_SIGHUP, 0, CheckAllowedLocations, nullptr, nullptr);
  DefineCustomStringVariable(
      "tarn.table_locations", "Location prefixes that new tables may be placed in.",
      "A comma-separated list; empty: in all that tarn.allowed_locations and the buckets give. For "
      "a database or a role: ALTER DATABASE or ALTER ROLE ... SET.",
      &g_settings.table_locations, "", PGC_SUSET, 0, CheckAllowedLocations, nullptr, nullptr);
  DefineCustomStringVariable(
      "tarn.engine_spill_directory", "Directory for what does not fit into the engine's memory.",
      "Relative to the data directory, or absolute. The engine makes a directory of its own in it.",
      &g_settings.spill_directory, "tarn/spill", PGC_SIGHUP, GUC_SUPERUSER_ONLY, nullptr, nullptr,
      nullptr);
  DefineCustomIntVariable("tarn.engine_memory",
                          "Memory for the queries and the encoding of the lake engine.",
                          "0: its own choice.", &g_settings.engine_memory_mb, 0, 0, INT_MAX / 1024,
                          PGC_SIGHUP, GUC_UNIT_MB, nullptr, nullptr, nullptr);
  DefineCustomIntVariable(
      "tarn.engine_buffer_memory",
      "Memory for rows and metadata that the lake engine holds for all sessions together.",
      "Beside tarn.engine_memory. Where it is used up, sessions write their rows to files earlier.",
      &g_settings.engine_buffer_memory_mb, 512, 64, INT_MAX / 1024, PGC_SIGHUP, GUC_UNIT_MB,
      nullptr, nullptr, nullptr);
  DefineCustomIntVariable("tarn.engine_threads", "Threads of the lake engine.",
                          "0: as many as the machine has cores.", &g_settings.engine_threads, 0, 0,
                          1024, PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
  DefineCustomIntVariable("tarn.engine_connect_timeout",
                          "How long a statement waits for the lake engine to accept it.", nullptr,
                          &g_settings.connect_timeout_ms, 10000, 1, 600000, PGC_USERSET,
                          GUC_UNIT_MS, nullptr, nullptr, nullptr);
  DefineCustomIntVariable("tarn.garbage_safe_age",
                          "Age from which files that nothing refers to are deleted.",
                          "No age is a proof: a file goes only when no snapshot, slot, standby or "
                          "prepared transaction can "
                          "need it; this is the time that other readers of the lake get on top.",
                          &g_settings.garbage_safe_age_s, 3600, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_S,
                          nullptr, nullptr, nullptr);
}

void DefineCompactionSettings() {
  DefineCustomBoolVariable("tarn.compaction", "Whether small files of lake tables are merged.",
                           "In the background, after commits. For one database: ALTER DATABASE ... "
                           "SET; for one table: WITH (autovacuum_enabled = off).",
                           &g_settings.compaction, true, PGC_SUSET, 0, nullptr, nullptr, nullptr);
  DefineCustomIntVariable(
      "tarn.compaction_workers", "Databases that are compacted at the same time, at most.",
      "Each takes one of max_worker_processes while it works.", &g_settings.compaction_workers, 2,
      1, 64, PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
  DefineCustomIntVariable("tarn.compaction_naptime",
                          "How often a table that is written to is looked at.",
                          "Sooner where many commits came, and once more when they cease.",
                          &g_settings.compaction_naptime_s, 5, 1, INT_MAX / 1000, PGC_SIGHUP,
                          GUC_UNIT_S, nullptr, nullptr, nullptr);
  DefineCustomIntVariable(
      "tarn.compaction_min_files", "So many small files are merged while commits go on.", nullptr,
      &g_settings.compaction_min_files, 5, 2, 10000, PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
  DefineCustomIntVariable("tarn.compaction_round_size",
                          "Bytes of files that are rewritten in one round in a database, at most.",
                          "What is left waits for the next round.", &g_settings.compaction_round_mb,
                          1024, 1, INT_MAX / 1024, PGC_SIGHUP, GUC_UNIT_MB, nullptr, nullptr,
                          nullptr);
}

}  // namespace

const Settings& settings() { return g_settings; }

void DefineSettings() {
  DefineEngineSettings();
  DefineCustomBoolVariable(
      "tarn.notify_commits", "Sends NOTIFY tarn_commit for each lake table that a commit changes.",
      "Transactions that are prepared notify nobody.", &g_settings.notify_commits, false, PGC_SUSET,
      0, nullptr, nullptr, nullptr);
  DefineCompactionSettings();
  DefineCustomStringVariable(
      "pg_lake_iceberg.default_location_prefix", "Location prefix of new Iceberg tables.",
      "\"s3://bucket/path/\" or \"file:///directory/\"; \"frompg/tables/\" is added.",
      &g_settings.default_location_prefix, "s3://lake/frompg/tables/", PGC_USERSET, 0,
      CheckLocationPrefix, nullptr, nullptr);
}

}  // namespace tarn::extension
