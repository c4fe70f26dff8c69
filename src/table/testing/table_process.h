// SPDX-License-Identifier: Apache-2.0
// For tests: what a process that works on a table of a directory catalog has, with the faults of
// its storage, and how it tells that something is wrong.
#pragma once

#include <iostream>
#include <memory>
#include <string>

#include "base/clock.h"
#include "catalog/directory_catalog.h"
#include "storage/faulty_storage.h"
#include "table/journal.h"
#include "table/maintenance/maintenance.h"
#include "table/pins.h"
#include "table/process_lease.h"
#include "table/table_cache.h"

namespace tarn::table {

[[noreturn]] inline void Die(const std::string& what) {
  std::cerr << what << "\n";
  std::exit(1);
}

template <typename T>
T Must(Result<T> result) {
  if (!result) Die(result.error().message + " " + result.error().detail);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// `number` names the journal, which one living process has at a time.
struct TableProcess {
  TableProcess(const std::string& root, int64_t number, const std::string& faults)
      : location("file://" + root + "/lake"),
        storage(Open(root, faults)),
        manifests(storage.get(), size_t{16} << 20),
        tables(storage.get(), 16 << 20),
        pins(storage.get()),
        journal(Must(Journal::Open(root + "/journal-" + std::to_string(number)))),
        lease(Must(ProcessLease::Take(root + "/leases", NowMs()))),
        context{.storage = storage.get(),
                .manifests = &manifests,
                .tables = &tables,
                .journal = journal.get(),
                .pins = &pins} {
    // Nothing expires by the way, and metadata files stay: they are the truth that ledgers are
    // compared with.
    context.policy.min_snapshots_to_keep = context.policy.max_snapshots_to_keep = 1'000'000;
    context.policy.manifest_min_count_to_merge = 8;
    context.policy.max_metadata_files = 1'000'000;
    catalog = catalog::OpenDirectoryCatalog(storage.get(), &manifests, location, context.policy);
    fates =
        std::make_unique<ProcessFates>(root + "/leases", LookInTable(context, *catalog, kTable));
    target = {.context = &context,
              .publisher = catalog.get(),
              .table = kTable,
              .lease = lease.get(),
              .fates = fates.get()};
  }

  static std::unique_ptr<storage::Storage> Open(const std::string& root,
                                                const std::string& faults) {
    auto local = Must(storage::OpenLocalStorage({.buckets_directory = root,
                                                 .allowed_prefixes = {"file://" + root + "/"},
                                                 .durable = false}));
    if (faults.empty()) return local;
    return storage::MakeFaultyStorage(std::move(local), Must(storage::ParseFaultPlan(faults)));
  }

  static inline const catalog::TableName kTable{{}, "t"};

  std::string location;
  std::unique_ptr<storage::Storage> storage;
  iceberg::ManifestCache manifests;
  TableCache tables;
  PinnedSnapshots pins;
  std::unique_ptr<Journal> journal;
  std::unique_ptr<ProcessLease> lease;
  TableContext context;
  std::unique_ptr<catalog::Catalog> catalog;
  std::unique_ptr<ProcessFates> fates;
  MaintenanceTarget target;
};

}  // namespace tarn::table
