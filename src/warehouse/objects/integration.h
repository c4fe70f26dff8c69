// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "warehouse/objects/object_kind.h"
#include "warehouse/objects/stage.h"

namespace tarn::warehouse {

/// Types are not interchangeable: a stage refuses a POSTGRES_EXTERNAL_STORAGE one.
struct StorageIntegration {
  static constexpr ObjectKind kKind = ObjectKind::kStorageIntegration;
  std::string type = "EXTERNAL_STAGE";
  std::string provider = "S3";
  bool enabled = true;
  std::vector<std::string> allowed_locations, blocked_locations;
  std::string aws_role_arn, aws_external_id, aws_iam_user_arn, aws_object_acl;
  bool use_privatelink_endpoint = false;
  std::optional<ObjectId> postgres_instance;
  bool operator==(const StorageIntegration&) const = default;
};

template <>
struct Fields<StorageIntegration> {
  using S = StorageIntegration;
  static constexpr auto kAll =
      std::tuple{Field{"type", &S::type},
                 Field{"provider", &S::provider},
                 Field{"enabled", &S::enabled},
                 Field{"allowed_locations", &S::allowed_locations},
                 Field{"blocked_locations", &S::blocked_locations},
                 Field{"aws_role_arn", &S::aws_role_arn},
                 Field{"aws_external_id", &S::aws_external_id},
                 Field{"aws_iam_user_arn", &S::aws_iam_user_arn},
                 Field{"aws_object_acl", &S::aws_object_acl},
                 Field{"use_privatelink_endpoint", &S::use_privatelink_endpoint},
                 Field{"postgres_instance_id", &S::postgres_instance}};
};

struct CatalogIntegration {
  static constexpr ObjectKind kKind = ObjectKind::kCatalogIntegration;
  std::string source = "OBJECT_STORE";
  std::string table_format = "ICEBERG";
  bool enabled = true;
  std::string catalog_namespace;
  std::optional<int64_t> refresh_interval_seconds;
  Options rest_config, rest_authentication;
  std::optional<ObjectId> postgres_instance;
  bool operator==(const CatalogIntegration&) const = default;
};

template <>
struct Fields<CatalogIntegration> {
  using C = CatalogIntegration;
  static constexpr auto kAll =
      std::tuple{Field{"source", &C::source},
                 Field{"table_format", &C::table_format},
                 Field{"enabled", &C::enabled},
                 Field{"catalog_namespace", &C::catalog_namespace},
                 Field{"refresh_interval_seconds", &C::refresh_interval_seconds},
                 Field{"rest_config", &C::rest_config},
                 Field{"rest_authentication", &C::rest_authentication},
                 Field{"postgres_instance_id", &C::postgres_instance}};
};

struct StorageLocation {
  std::string name;
  std::string provider = "S3";
  std::string base_url;  ///< ends in '/'
  std::string aws_role_arn, aws_external_id, aws_iam_user_arn, aws_access_point_arn;
  std::string encryption_type = "NONE", encryption_kms_key_id;
  std::string endpoint;  ///< of S3COMPAT
  Options credentials;   ///< of S3COMPAT
  bool use_privatelink_endpoint = false;
  bool operator==(const StorageLocation&) const = default;
};

template <>
struct Fields<StorageLocation> {
  using S = StorageLocation;
  static constexpr auto kAll =
      std::tuple{Field{"name", &S::name},
                 Field{"provider", &S::provider},
                 Field{"base_url", &S::base_url},
                 Field{"aws_role_arn", &S::aws_role_arn},
                 Field{"aws_external_id", &S::aws_external_id},
                 Field{"aws_iam_user_arn", &S::aws_iam_user_arn},
                 Field{"aws_access_point_arn", &S::aws_access_point_arn},
                 Field{"encryption_type", &S::encryption_type},
                 Field{"encryption_kms_key_id", &S::encryption_kms_key_id},
                 Field{"endpoint", &S::endpoint},
                 Field{"credentials", &S::credentials},
                 Field{"use_privatelink_endpoint", &S::use_privatelink_endpoint}};
};

struct ExternalVolume {
  static constexpr ObjectKind kKind = ObjectKind::kExternalVolume;
  std::vector<StorageLocation> locations;
  bool allow_writes = true;
  std::string active;  ///< name of the location in use; "": not yet looked for
  bool operator==(const ExternalVolume&) const = default;
};

template <>
struct Fields<ExternalVolume> {
  static constexpr auto kAll = std::tuple{Field{"locations", &ExternalVolume::locations},
                                          Field{"allow_writes", &ExternalVolume::allow_writes},
                                          Field{"active", &ExternalVolume::active}};
};

}  // namespace tarn::warehouse
