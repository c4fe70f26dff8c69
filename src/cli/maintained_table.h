// SPDX-License-Identifier: Apache-2.0
// A table of a directory catalog, opened for maintenance.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "cli/table_argument.h"
#include "engine/engine.h"
#include "iceberg/manifests/manifest_cache.h"
#include "storage/storage.h"
#include "table/journal.h"
#include "table/maintenance/maintenance.h"
#include "table/pins.h"
#include "table/process_lease.h"
#include "table/table_cache.h"

namespace tarn::cli {

/// What was asked for beside the table.
struct MaintainedTableOptions {
  std::string catalog;  ///< its location; "" = looked for above the table
  std::string state;    ///< directory of the journal and the leases; "" = the user's
};

/// Everything that maintenance works with, and whose table it is. Used by one thread.
class MaintainedTable {
 public:
  /// PermissionDenied for a table that belongs to a PostgreSQL server, NotFound where no catalog
  /// names it, Unavailable while another process maintains it.
  static Result<std::unique_ptr<MaintainedTable>> Open(const TableArgument& argument,
                                                       const MaintainedTableOptions& options);

  const table::MaintenanceTarget& target() const { return target_; }
  /// The same, with what expires as Iceberg's defaults say; commits of `target` expire nothing that
  /// the table's properties do not say.
  const table::MaintenanceTarget& expiring_target() const { return expiring_target_; }
  const std::string& location() const { return location_; }
  const std::string& catalog_location() const { return catalog_location_; }
  /// Of the catalog's other tables.
  Result<std::vector<std::string>> OtherLocations() const;

 private:
  MaintainedTable() = default;
  Result<> FindCatalog(const std::string& asked);
  Result<bool> IsNamedBy(const std::string& catalog_location);
  Result<> OpenState(const std::string& asked);

  std::string location_;
  std::string catalog_location_;
  std::unique_ptr<storage::Storage> storage_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<iceberg::ManifestCache> manifests_;
  std::unique_ptr<table::TableCache> tables_;
  std::unique_ptr<table::PinnedSnapshots> pins_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<table::Journal> journal_;
  std::unique_ptr<table::ProcessLease> lease_;
  std::unique_ptr<table::ProcessFates> fates_;
  table::TableContext context_;
  table::TableContext expiring_context_;
  table::MaintenanceTarget target_;
  table::MaintenanceTarget expiring_target_;
};

}  // namespace tarn::cli
