// SPDX-License-Identifier: Apache-2.0
#include "engine/database.h"

#include <duckdb/common/virtual_file_system.hpp>
#include <duckdb/storage/object_cache.hpp>
#include <parquet_file_metadata_cache.hpp>

#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/batch_scan.h"
#include "engine/duckdb_error.h"
#include "engine/file_scan.h"
#include "engine/functions/registration.h"
#include "engine/query_tables.h"
#include "engine/spill_file_system.h"
#include "engine/storage_file_system.h"

namespace tarn::engine {

namespace {

/// The source id of the release whose headers this is compiled with: DuckDB keeps no ABI between
/// patches.
constexpr std::string_view kSourceId = "d8cdaa33fd";
/// Connections kept open for the next scan: more than run at once on the cores there are.
constexpr size_t kMaxIdleConnections = 16;

Result<> CheckRelease() {
  const std::string_view found = duckdb::DuckDB::SourceID();
  if (found == kSourceId) return {};
  return Fail(ErrorKind::kInternal, "DuckDB library has source id \"{}\", not \"{}\"", found,
              kSourceId);
}

/// Whatever lies in the spill directory belongs to an engine that is gone.
Result<std::string> PrepareSpillDirectory(const std::string& directory) {
  if (directory.empty()) return std::string();
  namespace fs = std::filesystem;
  std::error_code error;
  fs::create_directories(directory, error);
  if (!error) {
    for (const auto& entry : fs::directory_iterator(directory, error)) {
      fs::remove_all(entry.path(), error);
      if (error) break;
    }
  }
  const fs::path canonical = error ? fs::path() : fs::canonical(directory, error);
  if (error) {
    return Fail(ErrorKind::kUnavailable, "cannot prepare spill directory \"{}\": {}", directory,
                error.message());
  }
  return canonical.string();
}

void Configure(duckdb::DBConfig& config, const EngineOptions& options, const std::string& spill,
               int32_t threads) {
  config.file_system =
      duckdb::make_uniq<duckdb::VirtualFileSystem>(duckdb::make_uniq<SpillFileSystem>(spill));
  config.file_system->RegisterSubSystem(duckdb::make_uniq<StorageFileSystem>(options.storage));
  config.options.use_temporary_directory = !spill.empty();
  config.options.temporary_directory = spill;
  // What the storage allows is its own decision; DuckDB's check lets whole schemes pass to it.
  for (const char* scheme : {"file:/", "s3://", "s3a://", "s3n://"}) {
    config.options.allowed_directories.insert(scheme);
  }
  if (!spill.empty()) config.options.allowed_directories.insert(spill + "/");
  config.options.maximum_threads = static_cast<duckdb::idx_t>(threads);
  config.options.maximum_memory = static_cast<duckdb::idx_t>(options.memory_limit_bytes);
  config.SetOptionByName("autoload_known_extensions", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("autoinstall_known_extensions", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("allow_community_extensions", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("enable_external_file_cache", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("preserve_insertion_order", duckdb::Value::BOOLEAN(true));
  config.SetOptionByName("enable_external_access", duckdb::Value::BOOLEAN(false));
}

/// Settings that exist only once the Parquet reader is loaded; then the configuration is closed.
Result<> FinishConfiguration(duckdb::DuckDB& database) {
  duckdb::Connection connection(database);
  // Files never change, so that a parsed footer stays good; the cache gives way under memory
  // pressure.
  for (const char* statement :
       {"SET GLOBAL parquet_metadata_cache = true", "SET GLOBAL lock_configuration = true"}) {
    const auto result = connection.Query(statement);
    if (result->HasError()) return std::unexpected<Error>(ToError(result->GetErrorObject()));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Database>> Database::Open(const EngineOptions& options) {
  TARN_TRY(CheckRelease());
  TARN_ASSIGN(const std::string spill, PrepareSpillDirectory(options.spill_directory));
  const int32_t threads =
      options.threads > 0 ? options.threads
                          : static_cast<int32_t>(std::max(1U, std::thread::hardware_concurrency()));
  return Guarded([&]() -> Result<std::unique_ptr<Database>> {
    duckdb::DBConfig config;
    Configure(config, options, spill, threads);
    auto database = std::make_unique<duckdb::DuckDB>(nullptr, &config);
    RegisterFileScan(*database->instance);
    RegisterBatchScan(*database->instance);
    RegisterTableFunction(*database->instance);
    RegisterSqlFunctions(*database->instance);
    TARN_TRY(FinishConfiguration(*database));
    return std::unique_ptr<Database>(new Database(std::move(database), threads));
  });
}

void Database::ForgetFooters(const std::vector<std::string>& locations) {
  duckdb::ObjectCache& cache = instance().GetObjectCache();
  for (const std::string& location : locations) {
    cache.DeleteWithTypePrefix<duckdb::ParquetFileMetadataCache>(location);
  }
}

Database::Lease Database::Borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return Lease(this, std::move(connection));
    }
  }
  return Lease(this, std::make_unique<duckdb::Connection>(*database_));
}

Database::Lease::~Lease() {
  if (connection_ == nullptr) return;
  const std::lock_guard lock(database_->mutex_);
  if (database_->idle_.size() < kMaxIdleConnections)
    database_->idle_.push_back(std::move(connection_));
}

}  // namespace tarn::engine
