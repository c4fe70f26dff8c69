// SPDX-License-Identifier: Apache-2.0
// (base view, updates) → new view, as Apache's Java library does it and in its words.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "iceberg/view/view_metadata.h"
#include "iceberg/view/view_update.h"

namespace tarn::iceberg {

struct ViewUpdateResult {
  std::shared_ptr<const ViewMetadata> metadata;
  /// False: no update had an effect, and `metadata` is the base.
  bool changed = false;
};

/// Applies the updates in order to a copy of `base` (null: to nothing, which creates a view).
/// Versions beyond `version.history.num-entries` go, the oldest first, but never the current one or
/// one added now. InvalidArgument: the updates do not fit; no retry helps. Pure; thread-safe.
Result<ViewUpdateResult> ApplyViewUpdates(std::shared_ptr<const ViewMetadata> base,
                                          std::span<const ViewUpdate> updates, int64_t now_ms);

}  // namespace tarn::iceberg
