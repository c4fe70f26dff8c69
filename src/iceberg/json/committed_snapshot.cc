// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/committed_snapshot.h"

#include "iceberg/json/snapshot_json.h"

namespace tarn::iceberg {

const SnapshotText* CommittedSnapshot::TextIn(const MetadataVersion& version) const {
  Shared& shared = *shared_;
  std::call_once(shared.rendered, [&] {
    JsonText out(&shared.text.json);
    WriteSnapshot(shared.snapshot, version, out);
    shared.text.json.shrink_to_fit();
    shared.text.is_utf8 = IsValidUtf8(shared.text.json);
    shared.version = &version;
  });
  return shared.version == &version ? &shared.text : nullptr;
}

}  // namespace tarn::iceberg
