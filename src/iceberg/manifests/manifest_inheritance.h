// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "iceberg/manifests/manifest_codec.h"

namespace tarn::iceberg {

/// Fills in what entries leave to the manifest list (spec, "Sequence Number Inheritance", "Snapshot
/// ID Inheritance", "First Row ID Inheritance"). Idempotent. EXISTING and DELETED entries without
/// numbers keep none unless the list is of version 1. Corruption when row ids overflow.
Result<> InheritFromList(const ManifestFile& file, Manifest& manifest);

}  // namespace tarn::iceberg
