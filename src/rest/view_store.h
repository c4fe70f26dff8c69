// SPDX-License-Identifier: Apache-2.0
// Views with Iceberg metadata: files of their own, named by a pointer as tables' are.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "iceberg/view/view_metadata.h"
#include "iceberg/view/view_update.h"
#include "rest/call.h"
#include "rest/place.h"

namespace tarn::rest {

struct LoadedView {
  std::string metadata_location;
  std::shared_ptr<const iceberg::ViewMetadata> metadata;
};

/// 404 NotFoundException where the file is gone.
Reply<LoadedView> LoadViewFile(const Service& service, const std::string& location);

/// 409 AlreadyExists where the name is taken.
Reply<LoadedView> CreateViewOf(const Service& service, const Call& call,
                               const Identifier& identifier,
                               std::span<const iceberg::ViewUpdate> updates);

/// Applies the updates to the newest state, again when only the pointer moved.
Reply<LoadedView> CommitView(const Service& service, const Call& call, const Identifier& identifier,
                             std::span<const iceberg::ViewRequirement> requirements,
                             std::span<const iceberg::ViewUpdate> updates);

/// Points a new view at a file that is there.
Reply<> RegisterViewAt(const Service& service, const Call& call, const Identifier& identifier,
                       const LoadedView& view);

}  // namespace tarn::rest
