// SPDX-License-Identifier: Apache-2.0
// What tells of namespaces.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "rest/call.h"

namespace tarn::rest {

/// "GetNamespaceResponse".
Response NamespaceResponse(const std::vector<std::string>& levels,
                           const std::map<std::string, std::string>& properties);

/// "ListNamespacesResponse": one page of the namespaces below `parent`, in any order.
Reply<Response> NamespacesResponse(const Call& call, const std::vector<std::string>& parent,
                                   std::vector<std::string> names);

}  // namespace tarn::rest
