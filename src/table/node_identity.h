// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"
#include "base/uuid.h"

namespace tarn::table {

struct NodeIdentity {
  Uuid node;
  bool is_new = false;  ///< made now
  Uuid previous;        ///< the one found in a copy; nil if there was none
};

/// Where a node file lies. An empty member is not known, and tells nothing.
struct Surroundings {
  std::string machine;      ///< a digest of the machine's id
  std::string file_system;  ///< its id, where it is one that survives a restart
  std::string directory;    ///< absolute, without links

  bool operator==(const Surroundings&) const = default;
};

/// What this machine says of `directory`, which exists.
Surroundings ExamineSurroundings(const std::string& directory);

/// Who this engine is: the file `node` in `directory` holds an id, its own inode and birth time,
/// and its surroundings. In a copy made file by file the former differ; in a copy made block by
/// block (a snapshot or clone of a volume) the latter do: another machine, another file system, or
/// another directory while the one that is written down still holds the same id. Then a new
/// identity is made. A directory that was only moved keeps its own. Durable at return. Unavailable
/// for a file that is there and cannot be read: nothing is replaced then.
Result<NodeIdentity> LoadNodeIdentity(const std::string& directory,
                                      const Surroundings& surroundings);

}  // namespace tarn::table
