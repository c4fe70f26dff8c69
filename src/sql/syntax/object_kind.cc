// SPDX-License-Identifier: Apache-2.0
#include "sql/syntax/object_kind.h"

namespace tarn::sql::syntax {

namespace {

using enum ObjectKind;

constexpr ObjectKindWords kKinds[] = {
    {kAccount, "ACCOUNT", "ACCOUNTS"},
    {kAlert, "ALERT", "ALERTS"},
    {kApiIntegration, "API INTEGRATION", "API INTEGRATIONS"},
    {kApplicationPackage, "APPLICATION PACKAGE", "APPLICATION PACKAGES"},
    {kApplicationRole, "APPLICATION ROLE", "APPLICATION ROLES"},
    {kApplication, "APPLICATION", "APPLICATIONS"},
    {kAuthenticationPolicy, "AUTHENTICATION POLICY", "AUTHENTICATION POLICIES"},
    {kCatalogIntegration, "CATALOG INTEGRATION", "CATALOG INTEGRATIONS"},
    {kColumn, "COLUMN", "COLUMNS"},
    {kComputePool, "COMPUTE POOL", "COMPUTE POOLS"},
    {kConnection, "CONNECTION", "CONNECTIONS"},
    {kDatabaseRole, "DATABASE ROLE", "DATABASE ROLES"},
    {kDatabase, "DATABASE", "DATABASES"},
    {kDynamicIcebergTable, "DYNAMIC ICEBERG TABLE", "DYNAMIC ICEBERG TABLES"},
    {kDynamicTable, "DYNAMIC TABLE", "DYNAMIC TABLES"},
    {kEventTable, "EVENT TABLE", "EVENT TABLES"},
    {kExternalAccessIntegration, "EXTERNAL ACCESS INTEGRATION", "EXTERNAL ACCESS INTEGRATIONS"},
    {kExternalFunction, "EXTERNAL FUNCTION", "EXTERNAL FUNCTIONS"},
    {kExternalTable, "EXTERNAL TABLE", "EXTERNAL TABLES"},
    {kExternalVolume, "EXTERNAL VOLUME", "EXTERNAL VOLUMES"},
    {kFailoverGroup, "FAILOVER GROUP", "FAILOVER GROUPS"},
    {kFileFormat, "FILE FORMAT", "FILE FORMATS"},
    {kFunction, "FUNCTION", "FUNCTIONS"},
    {kHybridTable, "HYBRID TABLE", "HYBRID TABLES"},
    {kIcebergTable, "ICEBERG TABLE", "ICEBERG TABLES"},
    {kImageRepository, "IMAGE REPOSITORY", "IMAGE REPOSITORIES"},
    {kIntegration, "INTEGRATION", "INTEGRATIONS"},
    {kMaskingPolicy, "MASKING POLICY", "MASKING POLICIES"},
    {kMaterializedView, "MATERIALIZED VIEW", "MATERIALIZED VIEWS"},
    {kNetworkPolicy, "NETWORK POLICY", "NETWORK POLICIES"},
    {kNetworkRule, "NETWORK RULE", "NETWORK RULES"},
    {kNotificationIntegration, "NOTIFICATION INTEGRATION", "NOTIFICATION INTEGRATIONS"},
    {kPasswordPolicy, "PASSWORD POLICY", "PASSWORD POLICIES"},
    {kPipe, "PIPE", "PIPES"},
    {kPostgresInstance, "POSTGRES INSTANCE", "POSTGRES INSTANCES"},
    {kProcedure, "PROCEDURE", "PROCEDURES"},
    {kReplicationGroup, "REPLICATION GROUP", "REPLICATION GROUPS"},
    {kResourceMonitor, "RESOURCE MONITOR", "RESOURCE MONITORS"},
    {kRole, "ROLE", "ROLES"},
    {kRowAccessPolicy, "ROW ACCESS POLICY", "ROW ACCESS POLICIES"},
    {kSchema, "SCHEMA", "SCHEMAS"},
    {kSecret, "SECRET", "SECRETS"},
    {kSecurityIntegration, "SECURITY INTEGRATION", "SECURITY INTEGRATIONS"},
    {kSequence, "SEQUENCE", "SEQUENCES"},
    {kService, "SERVICE", "SERVICES"},
    {kSessionPolicy, "SESSION POLICY", "SESSION POLICIES"},
    {kSession, "SESSION", "SESSIONS"},
    {kShare, "SHARE", "SHARES"},
    {kStage, "STAGE", "STAGES"},
    {kStorageIntegration, "STORAGE INTEGRATION", "STORAGE INTEGRATIONS"},
    {kStreamlit, "STREAMLIT", "STREAMLITS"},
    {kStream, "STREAM", "STREAMS"},
    {kTable, "TABLE", "TABLES"},
    {kTag, "TAG", "TAGS"},
    {kTask, "TASK", "TASKS"},
    {kUser, "USER", "USERS"},
    {kView, "VIEW", "VIEWS"},
    {kWarehouse, "WAREHOUSE", "WAREHOUSES"},
};

const ObjectKindWords* Find(ObjectKind kind) {
  for (const ObjectKindWords& words : kKinds) {
    if (words.kind == kind) return &words;
  }
  return nullptr;
}

}  // namespace

std::span<const ObjectKindWords> ObjectKinds() { return kKinds; }

std::string_view ToString(ObjectKind kind) {
  const ObjectKindWords* words = Find(kind);
  return words == nullptr ? "OBJECT" : words->singular;
}

std::string_view PluralOf(ObjectKind kind) {
  const ObjectKindWords* words = Find(kind);
  return words == nullptr ? "OBJECTS" : words->plural;
}

}  // namespace tarn::sql::syntax
