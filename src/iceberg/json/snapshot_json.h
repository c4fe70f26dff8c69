// SPDX-License-Identifier: Apache-2.0
// Snapshots and references in metadata files (spec, Appendix C).
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "iceberg/json/json_members.h"
#include "iceberg/json/json_text.h"
#include "iceberg/json/metadata_version.h"
#include "iceberg/model/snapshot.h"

namespace tarn::iceberg {

Result<Snapshot> ParseSnapshotTree(const Json& value, const std::string& place,
                                   const MetadataVersion& version);
void WriteSnapshot(const Snapshot& snapshot, const MetadataVersion& version, JsonText& out);

/// One reference; members that stand beside it in updates count as unknown.
Result<SnapshotRef> ParseRefTree(const Json& value, std::string place);
/// The members alone, into the object that `out` is in.
void WriteRefMembers(const SnapshotRef& ref, JsonText& out);

/// An object of references by name.
Result<std::map<std::string, SnapshotRef>> ParseRefsTree(const Json& value,
                                                         const std::string& place);
void WriteRefs(const std::map<std::string, SnapshotRef>& refs, JsonText& out);

}  // namespace tarn::iceberg
