// SPDX-License-Identifier: Apache-2.0
// DESCRIBE of integrations, volumes, instances, network rules and policies, users.
#include <algorithm>

#include "warehouse/session/rsa_key.h"
#include "warehouse/show/describe_parts.h"
#include "warehouse/show/shown_columns.h"

namespace tarn::warehouse {
namespace {

std::string Joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

std::string NamesOf(const ShowContext& context, const std::vector<ObjectId>& ids) {
  std::vector<std::string> names;
  for (const ObjectId id : ids) names.push_back(context.QualifiedNameOf(id));
  return Joined(names);
}

/// An option that is not set prints None.
std::string OrNone(std::string text) { return text.empty() ? "None" : text; }

/// A location as DESCRIBE EXTERNAL VOLUME tells it, without secrets.
std::string LocationJson(const StorageLocation& location) {
  nlohmann::ordered_json json;
  json["NAME"] = location.name;
  json["STORAGE_PROVIDER"] = location.provider;
  json["STORAGE_BASE_URL"] = location.base_url;
  json["STORAGE_ALLOWED_LOCATIONS"] = {location.base_url + "*"};
  if (location.provider == "S3COMPAT") {
    json["STORAGE_ENDPOINT"] = location.endpoint;
  } else {
    json["STORAGE_AWS_ROLE_ARN"] = location.aws_role_arn;
    json["STORAGE_AWS_IAM_USER_ARN"] = location.aws_iam_user_arn;
    json["STORAGE_AWS_EXTERNAL_ID"] = location.aws_external_id;
  }
  if (!location.aws_access_point_arn.empty()) {
    json["STORAGE_AWS_ACCESS_POINT_ARN"] = location.aws_access_point_arn;
  }
  json["ENCRYPTION_TYPE"] = location.encryption_type;
  if (!location.encryption_kms_key_id.empty()) {
    json["ENCRYPTION_KMS_KEY_ID"] = location.encryption_kms_key_id;
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

RowSet DescribeValue(const ShowContext& context, const Object<StorageIntegration>& object) {
  const StorageIntegration& integration = object.value;
  PropertyRows rows(false);
  rows.Boolean("ENABLED", integration.enabled, false);
  if (integration.postgres_instance) {
    rows.Text("POSTGRES_INSTANCE", context.NameOf(*integration.postgres_instance));
    rows.Text("COMMENT", object.head.comment);
    return rows.Take();
  }
  rows.Text("STORAGE_PROVIDER", integration.provider);
  rows.List("STORAGE_ALLOWED_LOCATIONS", integration.allowed_locations);
  rows.List("STORAGE_BLOCKED_LOCATIONS", integration.blocked_locations);
  rows.Text("STORAGE_AWS_IAM_USER_ARN", integration.aws_iam_user_arn);
  rows.Text("STORAGE_AWS_ROLE_ARN", integration.aws_role_arn);
  rows.Text("STORAGE_AWS_EXTERNAL_ID", integration.aws_external_id);
  rows.Text("STORAGE_AWS_OBJECT_ACL", integration.aws_object_acl);
  rows.Boolean("USE_PRIVATELINK_ENDPOINT", integration.use_privatelink_endpoint, false);
  rows.Text("COMMENT", object.head.comment);
  return rows.Take();
}

RowSet DescribeValue(const ShowContext& context, const Object<CatalogIntegration>& object) {
  const CatalogIntegration& catalog = object.value;
  PropertyRows rows(false);
  rows.Boolean("ENABLED", catalog.enabled, false);
  rows.Text("CATALOG_SOURCE", catalog.source);
  rows.Text("CATALOG_NAMESPACE", catalog.catalog_namespace);
  rows.Text("TABLE_FORMAT", catalog.table_format);
  if (catalog.refresh_interval_seconds) {
    rows.Add("REFRESH_INTERVAL_SECONDS", "Integer",
             std::to_string(*catalog.refresh_interval_seconds), "30");
  }
  Options rest = catalog.rest_config;
  if (catalog.postgres_instance) {
    rest["POSTGRES_INSTANCE"] = context.NameOf(*catalog.postgres_instance);
  }
  if (!rest.empty()) rows.Add("REST_CONFIG", "Map", ToJson(rest).dump(), "");
  if (!catalog.rest_authentication.empty()) {
    Options shown = catalog.rest_authentication;
    for (auto& [name, value] : shown) {
      if (name.contains("SECRET") || name.contains("TOKEN")) value = "********";
    }
    rows.Add("REST_AUTHENTICATION", "Map", ToJson(shown).dump(), "");
  }
  rows.Text("COMMENT", object.head.comment);
  return rows.Take();
}

RowSet DescribeValue(const ShowContext&, const Object<ExternalVolume>& object) {
  const ExternalVolume& volume = object.value;
  PropertyRows rows(true);
  rows.Boolean("ALLOW_WRITES", volume.allow_writes, true);
  rows.Under("STORAGE_LOCATIONS");
  for (size_t i = 0; i < volume.locations.size(); ++i) {
    rows.Text(fmt::format("STORAGE_LOCATION_{}", i + 1), LocationJson(volume.locations[i]));
  }
  rows.Text("ACTIVE", volume.active);
  if (!object.head.comment.empty()) {
    rows.Under("");
    rows.Text("COMMENT", object.head.comment);
  }
  return rows.Take();
}

RowSet DescribeValue(const ShowContext& context, const Object<PostgresInstance>& object) {
  const PostgresInstance& instance = object.value;
  const ObjectHead& head = object.head;
  const auto name_of = [&](const std::optional<ObjectId>& id) {
    return id ? context.NameOf(*id) : std::string("None");
  };
  PairRows rows("property", "value");
  const auto add = [&](const char* name, std::string value) { rows.Add(name, std::move(value)); };
  add("name", head.name);
  add("owner", context.NameOf(head.owner));
  add("owner_role_type", "ROLE");
  add("created_on", TimeText(head.created_ms));
  add("updated_on", TimeText(head.altered_ms));
  add("type", instance.type);
  add("host", OrNone(instance.host));
  add("privatelink_service_identifier", "None");
  add("compute_family", instance.compute_family);
  add("storage_size_gb", std::to_string(instance.storage_size_gb));
  add("postgres_version", instance.postgres_version);
  add("postgres_settings", instance.settings.empty() ? "None" : ToJson(instance.settings).dump());
  add("high_availability", instance.high_availability ? "true" : "false");
  add("authentication_authority", instance.authentication_authority);
  add("maintenance_window_start", OrNone(instance.maintenance_window_start));
  add("state", instance.state);
  add("comment", OrNone(head.comment));
  add("origin", OrNone(instance.origin));
  add("replicas", "None");
  add("operations", instance.operations.empty() ? "{ }" : instance.operations);
  add("network_policy", name_of(instance.network_policy));
  add("storage_integration", name_of(instance.storage_integration));
  add("certificate", OrNone(instance.certificate));
  return rows.Take();
}

RowSet DescribeValue(const ShowContext& context, const Object<NetworkRule>& object) {
  return {.columns = {{"created_on", ShownType::kTimestamp},
                      {"name"},
                      {"database_name"},
                      {"schema_name"},
                      {"owner"},
                      {"comment"},
                      {"type"},
                      {"mode"},
                      {"value_list"},
                      {"owner_role_type"}},
          .rows = {{Timestamp(object.head.created_ms), object.head.name,
                    std::string(context.lister().DatabaseName(object.head)),
                    std::string(context.lister().SchemaName(object.head)),
                    context.NameOf(object.head.owner), object.head.comment, object.value.type,
                    object.value.mode, Joined(object.value.values), std::string("ROLE")}}};
}

RowSet DescribeValue(const ShowContext& context, const Object<NetworkPolicy>& object) {
  const NetworkPolicy& policy = object.value;
  PairRows rows("name", "value");
  // Lists that are empty are not shown.
  const auto add = [&](const char* name, std::string value) {
    if (!value.empty()) rows.Add(name, std::move(value));
  };
  add("ALLOWED_IP_LIST", Joined(policy.allowed_ips));
  add("BLOCKED_IP_LIST", Joined(policy.blocked_ips));
  add("ALLOWED_NETWORK_RULE_LIST", NamesOf(context, policy.allowed_rules));
  add("BLOCKED_NETWORK_RULE_LIST", NamesOf(context, policy.blocked_rules));
  return rows.Take();
}

RowSet DescribeValue(const ShowContext&, const Object<User>& object) {
  const User& user = object.value;
  RowSet set{.columns = {{"property"}, {"value"}, {"default"}, {"description"}}, .rows = {}};
  const auto add = [&](const char* name, const std::string& value, const char* fallback,
                       const char* description) {
    set.rows.push_back({std::string(name), std::string(value.empty() ? "null" : value),
                        std::string(fallback), std::string(description)});
  };
  const auto flag = [](bool set_) { return std::string(set_ ? "true" : "false"); };
  add("NAME", object.head.name, "null", "Name");
  add("COMMENT", object.head.comment, "null", "Comment on the user");
  add("DISPLAY_NAME", user.display_name, "null", "Name that is displayed");
  add("TYPE", user.type, "null", "Kind of user");
  add("LOGIN_NAME", user.login_name, "null", "Name to log in with");
  add("FIRST_NAME", user.first_name, "null", "First name");
  add("MIDDLE_NAME", user.middle_name, "null", "Middle name");
  add("LAST_NAME", user.last_name, "null", "Last name");
  add("EMAIL", user.email, "null", "Email address");
  add("PASSWORD", user.scram_salt.bytes.empty() ? "" : "********", "null", "Password, hidden");
  add("MUST_CHANGE_PASSWORD", flag(user.must_change_password), "false",
      "Whether the password must be changed at the next login");
  add("DISABLED", flag(user.disabled), "false", "Whether the user may not log in");
  add("SNOWFLAKE_LOCK", "false", "false", "Whether the user is locked");
  add("DEFAULT_WAREHOUSE", user.default_warehouse, "null", "Warehouse of new sessions");
  add("DEFAULT_NAMESPACE", user.default_namespace, "null", "Database and schema of new sessions");
  add("DEFAULT_ROLE", user.default_role, "null", "Primary role of new sessions");
  add("DEFAULT_SECONDARY_ROLES", ToJson(user.default_secondary_roles).dump(), "[\"ALL\"]",
      "Secondary roles of new sessions");
  add("RSA_PUBLIC_KEY", user.rsa_public_key, "null", "Public key that the user signs with");
  add("RSA_PUBLIC_KEY_FP", RsaFingerprint(user.rsa_public_key), "null", "Its fingerprint");
  add("RSA_PUBLIC_KEY_2", user.rsa_public_key_2, "null", "A second public key");
  add("RSA_PUBLIC_KEY_2_FP", RsaFingerprint(user.rsa_public_key_2), "null", "Its fingerprint");
  add("PASSWORD_LAST_SET_TIME",
      user.password_set_ms && !user.scram_salt.bytes.empty() ? TimeText(*user.password_set_ms) : "",
      "null", "When the password was last set");
  return set;
}

}  // namespace tarn::warehouse
