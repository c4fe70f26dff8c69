// SPDX-License-Identifier: Apache-2.0
// For tests: what a process needs beside a lake to maintain one of its tables.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "catalog/publisher.h"
#include "table/journal.h"
#include "table/maintenance/maintenance.h"
#include "table/process_lease.h"

namespace tarn::table {

/// A journal and a lease in `directory`. The context's members and the publisher outlive it.
class MaintenanceState {
 public:
  MaintenanceState(const TableContext& context, catalog::Publisher& publisher,
                   catalog::TableName table, const std::string& directory)
      : context_(context),
        journal_(Journal::Open(directory + "/journal").value()),
        lease_(ProcessLease::Take(directory + "/leases", NowMs()).value()) {
    context_.journal = journal_.get();
    fates_ = std::make_unique<ProcessFates>(directory + "/leases",
                                            LookInTable(context_, publisher, table));
    target_ = {.context = &context_,
               .publisher = &publisher,
               .table = std::move(table),
               .lease = lease_.get(),
               .fates = fates_.get()};
  }
  MaintenanceState(const MaintenanceState&) = delete;
  MaintenanceState& operator=(const MaintenanceState&) = delete;

  const MaintenanceTarget& target() const { return target_; }
  const Journal& journal() const { return *journal_; }

 private:
  TableContext context_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<ProcessLease> lease_;
  std::unique_ptr<ProcessFates> fates_;
  MaintenanceTarget target_;
};

}  // namespace tarn::table
