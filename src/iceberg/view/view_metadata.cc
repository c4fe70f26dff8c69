// SPDX-License-Identifier: Apache-2.0
#include "iceberg/view/view_metadata.h"

#include <algorithm>
#include <cassert>

namespace tarn::iceberg {

const Schema* ViewMetadata::FindSchema(SchemaId id) const {
  const auto found = std::ranges::find(schemas, id, &Schema::id);
  return found == schemas.end() ? nullptr : &*found;
}

const ViewVersion* ViewMetadata::FindVersion(ViewVersionId id) const {
  const auto found = std::ranges::find(versions, id, &ViewVersion::id);
  return found == versions.end() ? nullptr : &*found;
}

const ViewVersion& ViewMetadata::current_version() const {
  const ViewVersion* version = FindVersion(current_version_id);
  assert(version != nullptr);
  return *version;
}

}  // namespace tarn::iceberg
