// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

/// On whose behalf an operation happens, and what its names are relative to. A plain value; a
/// session makes it anew for each statement.
struct Caller {
  ObjectId user;
  ObjectId role;
  /// Active secondary roles beside `role` (USE SECONDARY ROLES).
  std::vector<ObjectId> secondary_roles;
  bool all_secondary_roles = false;  ///< every role of the user
  std::string database, schema;      ///< "" = none
  std::string session = {};          ///< whose temporary objects it sees; "" = none
};

/// An object's name as written, folded by the parser. Parts that are not written are absent. For a
/// schema `name` is the schema's.
struct ObjectName {
  std::optional<std::string> database, schema;
  std::string name;
  std::string signature;  ///< of functions and procedures

  /// As messages show it: the written parts with dots.
  std::string Written() const;
};

}  // namespace tarn::warehouse
