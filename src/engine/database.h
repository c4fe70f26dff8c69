// SPDX-License-Identifier: Apache-2.0
// The embedded DuckDB: in memory, without access to anything but a Storage and its spill directory.
// Only for sources of this folder: it includes DuckDB.
#pragma once

#include <duckdb.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace tarn::engine {

/// Thread-safe. Connections that it lends must not outlive it.
class Database {
 public:
  /// Internal if the library is not the release that the headers are of.
  static Result<std::unique_ptr<Database>> Open(const EngineOptions& options);

  duckdb::DatabaseInstance& instance() { return *database_->instance; }
  int32_t threads() const { return threads_; }
  /// Parsed footers are kept by location, as long as memory lasts.
  void ForgetFooters(const std::vector<std::string>& locations);

  /// A connection that nobody else uses, kept for the next borrower when it comes back.
  class Lease {
   public:
    Lease(Database* database, std::unique_ptr<duckdb::Connection> connection)
        : database_(database), connection_(std::move(connection)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    duckdb::Connection& operator*() { return *connection_; }
    duckdb::Connection* operator->() { return connection_.get(); }

   private:
    Database* database_;
    std::unique_ptr<duckdb::Connection> connection_;
  };
  Lease Borrow();

 private:
  Database(std::unique_ptr<duckdb::DuckDB> database, int32_t threads)
      : database_(std::move(database)), threads_(threads) {}

  std::unique_ptr<duckdb::DuckDB> database_;
  int32_t threads_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<duckdb::Connection>> idle_;
};

}  // namespace tarn::engine
