// SPDX-License-Identifier: Apache-2.0
#include "lake/lake_context.h"

#include "base/clock.h"

namespace tarn::lake {

iceberg::CommitContext MakeCommitContext(const LakeContext& lake, const Uuid& transaction) {
  return {.storage = lake.storage,
          .cache = lake.manifests,
          .transaction = transaction,
          .now_ms = NowMs(),
          .workers = lake.workers};
}

}  // namespace tarn::lake
