// SPDX-License-Identifier: Apache-2.0
#include "rest/commit_privileges.h"

#include <set>

namespace tarn::rest {
namespace {

using iceberg::SnapshotOperation;
using warehouse::Authority;
using warehouse::ObjectHead;

/// One visit of a list of updates.
class Checker {
 public:
  Checker(const Authority& authority, const ObjectHead& table)
      : authority_(authority), table_(table) {}

  Reply<> operator()(const iceberg::AddSnapshot& update) {
    added_.insert(update.snapshot.id);
    const auto operation = update.snapshot.operation;
    if (operation == SnapshotOperation::kAppend) return Require(warehouse::kInsert);
    if (operation == SnapshotOperation::kDelete) return Require(warehouse::kDelete);
    REST_ASSIGN(const bool updates, authority_.Has(table_, warehouse::kUpdate));
    if (updates) return {};
    REST_TRY(Require(warehouse::kInsert));
    return Require(warehouse::kDelete);
  }
  /// A branch that moves to what was added; a rollback is the owner's.
  Reply<> operator()(const iceberg::SetSnapshotRef& update) {
    return added_.contains(update.ref.snapshot_id) ? Reply<>() : Require(warehouse::kOwnership);
  }
  Reply<> operator()(const iceberg::SetStatistics&) { return RequireAnyOfRows(); }
  Reply<> operator()(const iceberg::SetPartitionStatistics&) { return RequireAnyOfRows(); }
  Reply<> operator()(const auto&) { return Require(warehouse::kOwnership); }

 private:
  Reply<> Require(std::string_view privilege) {
    REST_TRY(authority_.Require(table_, privilege));
    return {};
  }
  Reply<> RequireAnyOfRows() {
    REST_TRY(authority_.RequireAnyOf(table_,
                                     {warehouse::kInsert, warehouse::kUpdate, warehouse::kDelete}));
    return {};
  }

  const Authority& authority_;
  const ObjectHead& table_;
  std::set<iceberg::SnapshotId> added_;
};

}  // namespace

Reply<> CheckCommitPrivileges(const Authority& authority, const ObjectHead& table,
                              std::span<const iceberg::MetadataUpdate> updates) {
  Checker checker(authority, table);
  for (const iceberg::MetadataUpdate& update : updates) {
    REST_TRY(std::visit(checker, update));
  }
  return {};
}

Reply<> CheckLoadPrivileges(const Authority& authority, const ObjectHead& table) {
  REST_TRY(
      authority.RequireAnyOf(table, {warehouse::kSelect, warehouse::kInsert, warehouse::kUpdate,
                                     warehouse::kDelete, warehouse::kTruncate}));
  return {};
}

}  // namespace tarn::rest
