// SPDX-License-Identifier: Apache-2.0
// From `@stage/path` to files.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "storage/storage.h"
#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/objects/stage.h"
#include "warehouse/statement_error.h"
#include "warehouse/volumes/storage_area.h"

namespace tarn::warehouse {

/// A stage and what was written behind it. A plain value.
struct OpenedStage {
  ObjectHead head;
  std::string database, schema;
  Stage definition;
  StorageArea area;
  std::string path;  ///< "" or "folder/na": what names of files begin with

  bool is_internal() const { return definition.url.empty(); }
  /// As LIST names a file: its URL, or the internal stage's name and the path.
  std::string ShownName(const std::string& relative_path) const;
};

enum class StageUse : uint8_t { kRead, kWrite };

/// Finds the stage that the text behind an `@` names, where the caller may read or write its files:
/// with USAGE of external stages, READ or WRITE of internal ones. 000002 for stages of users and
/// tables.
StatementResult<OpenedStage> OpenStage(const Snapshot& snapshot, const Caller& caller,
                                       const std::string& location, StageUse use,
                                       std::string_view stages_location);
StatementResult<OpenedStage> OpenStage(const Snapshot& snapshot, const Caller& caller,
                                       const ObjectName& name, std::string path, StageUse use,
                                       std::string_view stages_location);

/// A file by its path below the stage.
struct StageFile {
  std::string path;
  int64_t size = 0;
  int64_t modified_ms = 0;
};

/// Files whose paths begin with `prefix`, which the stage's integration allows, by path. Two
/// metadata files of a folder that have one time get times in the order of their versions, a
/// millisecond apart, so that the newest one is always the one that was made last.
StatementResult<std::vector<StageFile>> ListFiles(storage::Storage& storage,
                                                  const StorageArea& area, std::string_view prefix);

/// Those whose whole path matches the regular expression, in order. 100048 (2201B) where it is
/// none.
StatementResult<std::vector<StageFile>> Matching(engine::Engine& engine,
                                                 std::vector<StageFile> files,
                                                 const std::string& pattern);

/// "9f86d081-1a2b": tells states of a file apart.
std::string EntityTag(const StageFile& file);
/// "Thu, 1 Jan 2026 08:00:00 GMT", as LIST shows times.
std::string HttpDate(int64_t ms);

}  // namespace tarn::warehouse
