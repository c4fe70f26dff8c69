// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "catalog/catalog.h"

namespace tarn::catalog {

/// A catalog in one directory (or bucket prefix) of a storage: each state of the whole catalog is
/// one put-if-absent object `catalog/<20-digit version>.json` {table name → metadata location}, so
/// that a commit over several tables is one atomic put. For tests and single-machine tools; old
/// versions are kept to the newest 100. Any number of processes may share it. Thread-safe. Commits
/// of different tables do not conflict; an answer that got lost is looked up in the catalog's
/// history.
std::unique_ptr<Catalog> OpenDirectoryCatalog(storage::Storage* storage,
                                              iceberg::ManifestCache* cache, std::string location,
                                              iceberg::CommitPolicy policy);

}  // namespace tarn::catalog
