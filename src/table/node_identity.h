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

/// Who this engine is: the file `node` in `directory` holds an id and its own inode and birth time.
/// In a copy of the directory those differ; then a new identity is made. Durable at return.
Result<NodeIdentity> LoadNodeIdentity(const std::string& directory);

}  // namespace tarn::table
