// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/show/lister.h"

namespace tarn::warehouse {

/// Absent: not known without reading the rows.
struct TableSize {
  std::optional<int64_t> rows, bytes;
};

struct WarehouseActivity {
  int64_t running = 0;
  int64_t queued = 0;
};

/// What the session and the process know and the metastore does not. Absent functions: nobody
/// knows, and the columns are NULL or 0.
struct ShowFacts {
  std::string current_warehouse;
  std::function<std::optional<TableSize>(const ObjectHead&)> table_size;
  std::function<WarehouseActivity(ObjectId warehouse)> warehouse_activity;
};

/// What the columns of a SHOW are computed with. Of one statement, one thread. A failed look-up
/// inside shows nothing and is told by failure() at the end.
class ShowContext {
 public:
  ShowContext(const Snapshot& snapshot, const Caller& caller, const Authority& authority,
              const Lister& lister, const ShowFacts& facts)
      : snapshot_(snapshot),
        caller_(caller),
        authority_(authority),
        lister_(lister),
        facts_(facts) {}

  const Snapshot& snapshot() const { return snapshot_; }
  const Caller& caller() const { return caller_; }
  const Authority& authority() const { return authority_; }
  const Lister& lister() const { return lister_; }
  const ShowFacts& facts() const { return facts_; }

  /// "" for ids of nothing.
  std::string NameOf(ObjectId id) const;
  /// Of an owner: "ROLE", "APPLICATION", or "" for ids of nothing.
  std::string OwnerTypeOf(ObjectId id) const;
  /// "DB.SCHEMA.NAME".
  std::string QualifiedNameOf(ObjectId id) const;
  /// For how long it can be undropped, by its own parameter or that of the nearest container.
  std::string RetentionDays(const ObjectHead& head) const;
  std::optional<User> CurrentUser() const;

  /// The value, or nothing and a failure.
  template <typename T>
  T Take(Result<T> result) const {
    if (result) return *std::move(result);
    if (!failure_) failure_ = std::move(result).error();
    return T{};
  }
  const std::optional<Error>& failure() const { return failure_; }

 private:
  const Snapshot& snapshot_;
  const Caller& caller_;
  const Authority& authority_;
  const Lister& lister_;
  const ShowFacts& facts_;
  mutable std::unordered_map<ObjectId, std::string> names_, owner_types_, qualified_names_,
      container_retentions_;
  /// What is set on objects themselves, read once: few have a retention of their own.
  mutable std::optional<std::unordered_map<ObjectId, std::string>> own_retentions_;
  mutable std::optional<Error> failure_;
};

}  // namespace tarn::warehouse
