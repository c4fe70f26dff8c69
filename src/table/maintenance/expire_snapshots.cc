// SPDX-License-Identifier: Apache-2.0
#include "iceberg/model/table_properties.h"
#include "table/maintenance/maintenance.h"
#include "table/maintenance/maintenance_commit.h"

namespace tarn::table {

Result<MaintenanceResult> ExpireSnapshots(const MaintenanceTarget& target,
                                          const ExpireOptions& options, const MaintenanceRun& run) {
  TARN_TRY(run.CheckGoesOn());
  TARN_ASSIGN(const iceberg::LoadedTable base, LoadNewest(target));
  if (!iceberg::BoolProperty(*base.metadata, "gc.enabled", true)) {
    return std::unexpected(
        Error{ErrorKind::kInvalidArgument,
              fmt::format("snapshots of table \"{}\" must not expire", base.metadata->location),
              "Its property gc.enabled is false: other tables may share its files.",
              {}});
  }
  if (options.retain_last && *options.retain_last < 1) {
    return Fail(ErrorKind::kInvalidArgument, "at least one snapshot must be retained, not {}",
                *options.retain_last);
  }
  run.Report({.action = "expiring snapshots"});
  TableContext context = *target.context;
  if (options.older_than_ms || options.retain_last) {
    context.policy.asked_expiry = iceberg::AskedExpiry{.older_than_ms = options.older_than_ms,
                                                       .snapshots_to_keep = options.retain_last};
  }
  MaintenanceTarget asked = target;
  asked.context = &context;
  TARN_ASSIGN(MaintenanceWriter writer, MaintenanceWriter::Begin(asked, base));
  TableChange change{.table = target.table, .table_uuid = base.metadata->table_uuid};
  change.changes.expire_snapshots = true;
  change.snapshot_id = iceberg::NewSnapshotId(base.metadata.get());
  TARN_ASSIGN(const auto committed, writer.Commit(std::move(change), {}));
  MaintenanceResult result{.expired_snapshots = committed.expired_snapshots};
  TARN_ASSIGN(result.removed_files, CollectLeftovers(target, options.safe_age_ms, run));
  return result;
}

}  // namespace tarn::table
