// SPDX-License-Identifier: Apache-2.0
// Commits of clients to tables: updates and requirements, over one table or several at once.
#pragma once

#include <span>
#include <vector>

#include "iceberg/commit/commit.h"
#include "iceberg/update/metadata_update.h"
#include "iceberg/update/table_requirement.h"
#include "rest/call.h"

namespace tarn::rest {

struct TableCommit {
  Identifier identifier;
  std::vector<iceberg::TableRequirement> requirements;
  std::vector<iceberg::MetadataUpdate> updates;
};

/// Members `requirements` and `updates`.
Reply<TableCommit> ParseTableCommit(const iceberg::JsonMembers& members, Identifier identifier);

/// All or nothing; new states in order. A table that does not exist is created where assert-create
/// says so. Tried again on a newer state only while its requirements hold: 409 otherwise.
Reply<std::vector<iceberg::LoadedTable>> CommitTables(const Service& service, const Call& call,
                                                      std::span<const TableCommit> commits);

/// A table that a client asks for in one step: 409 AlreadyExists where the name is taken.
Reply<iceberg::LoadedTable> CreateManagedTable(
    const Service& service, const Call& call, const Identifier& identifier,
    std::shared_ptr<const iceberg::TableMetadata> metadata);

}  // namespace tarn::rest
