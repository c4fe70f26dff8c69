// SPDX-License-Identifier: Apache-2.0
// Who may do something: roles and users.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

struct Role {
  static constexpr ObjectKind kKind = ObjectKind::kRole;
  /// One of the five that every account has; never dropped or renamed.
  bool system = false;
  bool operator==(const Role&) const = default;
};

template <>
struct Fields<Role> {
  static constexpr auto kAll = std::tuple{Field{"system", &Role::system}};
};

/// A password is kept as its SCRAM-SHA-256 verifier only. No salt: the user has no password.
struct User {
  static constexpr ObjectKind kKind = ObjectKind::kUser;
  std::string login_name, display_name, first_name, middle_name, last_name, email;
  std::string type = "PERSON";  ///< "SERVICE", "LEGACY_SERVICE"
  bool disabled = false;
  bool must_change_password = false;
  int64_t scram_iterations = 0;
  Bytes scram_salt, scram_stored_key, scram_server_key;
  std::optional<int64_t> password_set_ms;
  std::string default_warehouse, default_namespace, default_role;
  std::vector<std::string> default_secondary_roles = {"ALL"};
  std::optional<ObjectId> network_policy;
  std::optional<int64_t> expires_ms, locked_until_ms, last_login_ms;
  std::string rsa_public_key, rsa_public_key_2;  ///< base64 of the DER form, or PEM; "" = none
  bool operator==(const User&) const = default;
};

template <>
struct Fields<User> {
  static constexpr auto kAll =
      std::tuple{Field{"login_name", &User::login_name},
                 Field{"display_name", &User::display_name},
                 Field{"first_name", &User::first_name},
                 Field{"middle_name", &User::middle_name},
                 Field{"last_name", &User::last_name},
                 Field{"email", &User::email},
                 Field{"type", &User::type},
                 Field{"disabled", &User::disabled},
                 Field{"must_change_password", &User::must_change_password},
                 Field{"scram_iterations", &User::scram_iterations},
                 Field{"scram_salt", &User::scram_salt},
                 Field{"scram_stored_key", &User::scram_stored_key},
                 Field{"scram_server_key", &User::scram_server_key},
                 Field{"password_set_ms", &User::password_set_ms},
                 Field{"default_warehouse", &User::default_warehouse},
                 Field{"default_namespace", &User::default_namespace},
                 Field{"default_role", &User::default_role},
                 Field{"default_secondary_roles", &User::default_secondary_roles},
                 Field{"network_policy_id", &User::network_policy},
                 Field{"expires_ms", &User::expires_ms},
                 Field{"locked_until_ms", &User::locked_until_ms},
                 Field{"last_login_ms", &User::last_login_ms},
                 Field{"rsa_public_key", &User::rsa_public_key},
                 Field{"rsa_public_key_2", &User::rsa_public_key_2}};
};

}  // namespace tarn::warehouse
