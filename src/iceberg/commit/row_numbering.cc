// SPDX-License-Identifier: Apache-2.0
#include "iceberg/commit/row_numbering.h"

namespace tarn::iceberg {

Result<int64_t> AssignRowIds(std::vector<ManifestFile>& manifests, int64_t next) {
  const int64_t first = next;
  for (ManifestFile& manifest : manifests) {
    if (manifest.content != ManifestContent::kData || manifest.first_row_id) continue;
    manifest.first_row_id = next;
    // Entries with ids of their own leave gaps; only the count of rows is known here.
    if (__builtin_add_overflow(next, manifest.live_rows_count(), &next)) {
      return Fail(ErrorKind::kResourceExhausted, "row ids exceed 64 bits at manifest \"{}\"",
                  manifest.manifest_path);
    }
  }
  return next - first;
}

}  // namespace tarn::iceberg
