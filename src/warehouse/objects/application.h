// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

/// A native application: a database to those who name what is in it, and a grantee and an owner as
/// roles are. Its application roles are Role objects inside of it (docs/internals/connector.md).
struct Application {
  static constexpr ObjectKind kKind = ObjectKind::kApplication;
  std::string source_type = "LISTING";
  std::string source;  ///< the listing's name
  std::string version;
  bool share_events = false;  ///< SHARE_EVENTS_WITH_PROVIDER: kept and shown
  bool operator==(const Application&) const = default;
};

template <>
struct Fields<Application> {
  static constexpr auto kAll = std::tuple{
      Field{"source_type", &Application::source_type}, Field{"source", &Application::source},
      Field{"version", &Application::version}, Field{"share_events", &Application::share_events}};
};

}  // namespace tarn::warehouse
