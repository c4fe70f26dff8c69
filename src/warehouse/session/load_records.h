// SPDX-License-Identifier: Apache-2.0
// The files that a transaction has loaded, until it commits (metastore/load_history.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "warehouse/metastore/load_history.h"

namespace tarn::warehouse {

/// Used by the transaction's thread.
class LoadRecords {
 public:
  /// What a statement of the transaction knows of the file: what the transaction did, else what is
  /// stored.
  Result<std::optional<LoadedFile>> Find(const Snapshot& snapshot, ObjectId table,
                                         std::string_view location) const;
  /// Whether the table forgets in this transaction what was loaded before.
  bool forgets(ObjectId table) const;

  /// The file was loaded, although `stored` was known of it. `forced`: whatever others do
  /// meanwhile.
  void Add(ObjectId table, LoadedFile file, std::optional<LoadedFile> stored, bool forced);
  /// Nothing was loaded into the table: it is empty.
  void Forget(ObjectId table);

  bool empty() const { return tables_.empty(); }
  /// False: what is stored of a file is no longer what its statement knew. Then nothing was
  /// written.
  Result<bool> Write(Transaction& transaction) const;

 private:
  struct Load {
    LoadedFile file;
    std::optional<LoadedFile> stored;
    bool forced = false;
  };
  struct TableLoads {
    bool forgets = false;
    std::map<std::string, Load, std::less<>> files;  ///< by location
  };
  std::map<ObjectId, TableLoads> tables_;
};

}  // namespace tarn::warehouse
