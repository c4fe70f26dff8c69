// SPDX-License-Identifier: Apache-2.0
// The metastore's tables, one text per version of the file. Never change one that was released.
#pragma once

#include <string_view>

namespace tarn::warehouse {

/// Version 1: objects, one table per kind, grants, parameters. Times are milliseconds since 1970;
/// lists and structs are JSON.
inline constexpr std::string_view kObjectsStep = R"sql(
CREATE TABLE metastore (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL,
  role_version INTEGER NOT NULL, created_ms INTEGER NOT NULL) STRICT;
CREATE TABLE object (id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 16384 AND 4294967295),
  kind TEXT NOT NULL, family TEXT NOT NULL, container_id INTEGER NOT NULL, name TEXT NOT NULL,
  signature TEXT NOT NULL, owner_id INTEGER NOT NULL, created_ms INTEGER NOT NULL,
  altered_ms INTEGER NOT NULL, comment TEXT NOT NULL, dropped_ms INTEGER) STRICT;
CREATE UNIQUE INDEX object_name ON object (container_id, family, name, signature)
  WHERE dropped_ms IS NULL;
CREATE INDEX object_container ON object (container_id, kind, name);
CREATE INDEX object_kind ON object (kind);
CREATE INDEX object_dropped ON object (dropped_ms) WHERE dropped_ms IS NOT NULL;
CREATE INDEX object_owner ON object (owner_id);
-- Which object another one names, by the stored name of the member that holds the id.
CREATE TABLE reference (from_id INTEGER NOT NULL REFERENCES object (id) ON DELETE CASCADE,
  role TEXT NOT NULL, to_id INTEGER NOT NULL, PRIMARY KEY (from_id, role, to_id))
  STRICT, WITHOUT ROWID;
CREATE INDEX reference_to ON reference (to_id);
-- Of the account (0), a database, schema, table, warehouse, user …
CREATE TABLE parameter (object_id INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (object_id, name)) STRICT, WITHOUT ROWID;
CREATE TABLE object_grant (object_id INTEGER NOT NULL, privilege TEXT NOT NULL,
  grantee_id INTEGER NOT NULL REFERENCES object (id) ON DELETE CASCADE,
  with_grant_option INTEGER NOT NULL, grantor_id INTEGER NOT NULL, created_ms INTEGER NOT NULL,
  PRIMARY KEY (object_id, grantee_id, privilege)) STRICT, WITHOUT ROWID;
CREATE INDEX object_grant_grantee ON object_grant (grantee_id);
CREATE TABLE role_grant (role_id INTEGER NOT NULL REFERENCES object (id) ON DELETE CASCADE,
  grantee_id INTEGER NOT NULL REFERENCES object (id) ON DELETE CASCADE, grantor_id INTEGER NOT NULL,
  created_ms INTEGER NOT NULL, PRIMARY KEY (role_id, grantee_id)) STRICT, WITHOUT ROWID;
CREATE INDEX role_grant_grantee ON role_grant (grantee_id);
CREATE TABLE future_grant (container_id INTEGER NOT NULL REFERENCES object (id) ON DELETE CASCADE,
  kind TEXT NOT NULL, privilege TEXT NOT NULL,
  grantee_id INTEGER NOT NULL REFERENCES object (id) ON DELETE CASCADE,
  with_grant_option INTEGER NOT NULL, created_ms INTEGER NOT NULL,
  PRIMARY KEY (container_id, kind, privilege, grantee_id)) STRICT, WITHOUT ROWID;
CREATE TABLE tag_assignment (object_id INTEGER NOT NULL, column_name TEXT NOT NULL,
  tag_id INTEGER NOT NULL REFERENCES object (id) ON DELETE CASCADE, value TEXT NOT NULL,
  PRIMARY KEY (object_id, column_name, tag_id)) STRICT, WITHOUT ROWID;
-- Files of a stage; one that changed or went keeps its row until no stream needs it.
CREATE TABLE directory_entry (stage_id INTEGER NOT NULL REFERENCES object (id) ON DELETE CASCADE,
  relative_path TEXT NOT NULL, size INTEGER NOT NULL, last_modified_ms INTEGER NOT NULL,
  md5 TEXT NOT NULL, etag TEXT NOT NULL, added_version INTEGER NOT NULL, removed_version INTEGER,
  PRIMARY KEY (stage_id, relative_path, added_version)) STRICT, WITHOUT ROWID;
CREATE TABLE database (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
transient INTEGER NOT NULL, linked_catalog TEXT) STRICT;
CREATE TABLE schema (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE, transient
INTEGER NOT NULL, managed_access INTEGER NOT NULL) STRICT;
CREATE TABLE warehouse (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE, state
TEXT NOT NULL, type TEXT NOT NULL, size TEXT NOT NULL, min_cluster_count INTEGER NOT NULL,
max_cluster_count INTEGER NOT NULL, scaling_policy TEXT NOT NULL, auto_suspend_seconds INTEGER,
auto_resume INTEGER NOT NULL, resumed_ms INTEGER, resource_monitor TEXT NOT NULL,
enable_query_acceleration INTEGER NOT NULL, query_acceleration_max_scale_factor INTEGER NOT
NULL, resource_constraint TEXT NOT NULL, generation TEXT NOT NULL) STRICT;
CREATE TABLE role (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE, system
INTEGER NOT NULL) STRICT;
CREATE TABLE user (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE, login_name
TEXT NOT NULL, display_name TEXT NOT NULL, first_name TEXT NOT NULL, middle_name TEXT NOT NULL,
last_name TEXT NOT NULL, email TEXT NOT NULL, type TEXT NOT NULL, disabled INTEGER NOT NULL,
must_change_password INTEGER NOT NULL, scram_iterations INTEGER NOT NULL, scram_salt BLOB NOT
NULL, scram_stored_key BLOB NOT NULL, scram_server_key BLOB NOT NULL, password_set_ms INTEGER,
default_warehouse TEXT NOT NULL, default_namespace TEXT NOT NULL, default_role TEXT NOT NULL,
default_secondary_roles TEXT NOT NULL, network_policy_id INTEGER, expires_ms INTEGER,
locked_until_ms INTEGER, last_login_ms INTEGER) STRICT;
CREATE TABLE lake_table (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE, kind
TEXT NOT NULL, declared_iceberg INTEGER NOT NULL, transient INTEGER NOT NULL, columns TEXT NOT
NULL, constraints TEXT NOT NULL, cluster_by TEXT NOT NULL, change_tracking INTEGER NOT NULL,
enable_schema_evolution INTEGER NOT NULL, external_volume_id INTEGER, catalog_id INTEGER,
base_location TEXT NOT NULL, catalog_table_name TEXT NOT NULL, catalog_namespace TEXT NOT NULL,
auto_refresh INTEGER NOT NULL, replace_invalid_characters INTEGER NOT NULL) STRICT;
CREATE TABLE view_text (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
columns TEXT NOT NULL, text TEXT NOT NULL, query TEXT NOT NULL, secure INTEGER NOT NULL,
recursive INTEGER NOT NULL, change_tracking INTEGER NOT NULL) STRICT;
CREATE TABLE dynamic_table (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
columns TEXT NOT NULL, text TEXT NOT NULL, query TEXT NOT NULL, target_lag_seconds INTEGER,
scheduler TEXT NOT NULL, refresh_mode TEXT NOT NULL, refresh_mode_reason TEXT NOT NULL,
initialize TEXT NOT NULL, warehouse_id INTEGER, declared_iceberg INTEGER NOT NULL, transient
INTEGER NOT NULL, cluster_by TEXT NOT NULL, scheduling_state TEXT NOT NULL, state_reason_code
TEXT NOT NULL, state_reason_message TEXT NOT NULL, last_suspended_ms INTEGER, data_timestamp_ms
INTEGER) STRICT;
CREATE TABLE sequence (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
next_value INTEGER NOT NULL, increment INTEGER NOT NULL, ordered INTEGER NOT NULL) STRICT;
CREATE TABLE file_format (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE, type
TEXT NOT NULL, options TEXT NOT NULL) STRICT;
CREATE TABLE function (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
arguments TEXT NOT NULL, returns TEXT NOT NULL, returns_table TEXT, returns_not_null INTEGER
NOT NULL, language TEXT NOT NULL, body TEXT NOT NULL, secure INTEGER NOT NULL, strict INTEGER
NOT NULL, immutable INTEGER NOT NULL, memoizable INTEGER NOT NULL, aggregate INTEGER NOT NULL)
STRICT;
CREATE TABLE procedure (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
arguments TEXT NOT NULL, returns TEXT NOT NULL, returns_table TEXT, returns_not_null INTEGER
NOT NULL, language TEXT NOT NULL, body TEXT NOT NULL, secure INTEGER NOT NULL, strict INTEGER
NOT NULL, as_caller INTEGER NOT NULL) STRICT;
CREATE TABLE stage (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE, url TEXT
NOT NULL, storage_integration_id INTEGER, credentials TEXT NOT NULL, encryption TEXT NOT NULL,
endpoint TEXT NOT NULL, directory_enabled INTEGER NOT NULL, directory_auto_refresh INTEGER NOT
NULL, directory_refreshed_ms INTEGER, directory_version INTEGER NOT NULL, file_format TEXT NOT
NULL, copy_options TEXT NOT NULL) STRICT;
CREATE TABLE stream (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
source_kind TEXT NOT NULL, source_id INTEGER NOT NULL, source_name TEXT NOT NULL, mode TEXT NOT
NULL, offsets TEXT NOT NULL, show_initial_rows INTEGER NOT NULL, invalid_reason TEXT NOT NULL)
STRICT;
CREATE TABLE task (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE, state TEXT
NOT NULL, warehouse_id INTEGER, managed_warehouse_size TEXT NOT NULL, schedule TEXT NOT NULL,
condition TEXT NOT NULL, definition TEXT NOT NULL, predecessors TEXT NOT NULL, finalizes_id
INTEGER, overlap_policy TEXT NOT NULL, config TEXT NOT NULL, timeout_ms INTEGER NOT NULL,
suspend_after_failures INTEGER NOT NULL, auto_retry_attempts INTEGER NOT NULL,
error_integration TEXT NOT NULL, target_completion_interval TEXT NOT NULL, execute_as_user_id
INTEGER, session_parameters TEXT NOT NULL, resumed_ms INTEGER, last_suspended_ms INTEGER,
last_suspended_reason TEXT NOT NULL, last_committed_ms INTEGER, failures_in_row INTEGER NOT
NULL) STRICT;
CREATE TABLE postgres_instance (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE
CASCADE, state TEXT NOT NULL, compute_family TEXT NOT NULL, storage_size_gb INTEGER NOT NULL,
authentication_authority TEXT NOT NULL, postgres_version TEXT NOT NULL, settings TEXT NOT NULL,
type TEXT NOT NULL, origin TEXT NOT NULL, host TEXT NOT NULL, port INTEGER NOT NULL,
high_availability INTEGER NOT NULL, network_policy_id INTEGER, storage_integration_id INTEGER,
maintenance_window_start TEXT NOT NULL, operations TEXT NOT NULL, retention_days INTEGER NOT
NULL, certificate TEXT NOT NULL) STRICT;
CREATE TABLE network_rule (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
type TEXT NOT NULL, mode TEXT NOT NULL, value_list TEXT NOT NULL) STRICT;
CREATE TABLE network_policy (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
allowed_rules TEXT NOT NULL, blocked_rules TEXT NOT NULL, allowed_ips TEXT NOT NULL,
blocked_ips TEXT NOT NULL) STRICT;
CREATE TABLE storage_integration (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE
CASCADE, type TEXT NOT NULL, provider TEXT NOT NULL, enabled INTEGER NOT NULL,
allowed_locations TEXT NOT NULL, blocked_locations TEXT NOT NULL, aws_role_arn TEXT NOT NULL,
aws_external_id TEXT NOT NULL, aws_iam_user_arn TEXT NOT NULL, aws_object_acl TEXT NOT NULL,
use_privatelink_endpoint INTEGER NOT NULL, postgres_instance_id INTEGER) STRICT;
CREATE TABLE catalog_integration (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE
CASCADE, source TEXT NOT NULL, table_format TEXT NOT NULL, enabled INTEGER NOT NULL,
catalog_namespace TEXT NOT NULL, refresh_interval_seconds INTEGER, rest_config TEXT NOT NULL,
rest_authentication TEXT NOT NULL, postgres_instance_id INTEGER) STRICT;
CREATE TABLE external_volume (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
locations TEXT NOT NULL, allow_writes INTEGER NOT NULL, active TEXT NOT NULL) STRICT;
CREATE TABLE tag (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
allowed_values TEXT NOT NULL, propagate TEXT NOT NULL) STRICT;
)sql";

/// Version 2: pointers of tables, and the writers that moved them.
inline constexpr std::string_view kPointersStep = R"sql(
CREATE TABLE table_pointer (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
  table_uuid TEXT NOT NULL, location TEXT NOT NULL, metadata_location TEXT NOT NULL,
  published_ms INTEGER NOT NULL) STRICT;
-- A writer stands here from the transaction that published it until its journal forgot it.
CREATE TABLE committed_writer (writer TEXT PRIMARY KEY, committed_ms INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
)sql";

/// Version 3: what ran.
inline constexpr std::string_view kHistoryStep = R"sql(
CREATE TABLE query_history (query_id TEXT PRIMARY KEY, session_id TEXT NOT NULL, text TEXT NOT NULL,
  command TEXT NOT NULL, user_name TEXT NOT NULL, role_name TEXT NOT NULL,
  warehouse_name TEXT NOT NULL, database_name TEXT NOT NULL, schema_name TEXT NOT NULL,
  query_tag TEXT NOT NULL, client TEXT NOT NULL, started_ms INTEGER NOT NULL, ended_ms INTEGER,
  state TEXT NOT NULL, error_code TEXT NOT NULL, error_message TEXT NOT NULL,
  rows INTEGER NOT NULL, queued_ms INTEGER NOT NULL, compiled_ms INTEGER NOT NULL) STRICT;
CREATE INDEX query_history_started ON query_history (started_ms);
CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,
  object_id INTEGER NOT NULL, object_name TEXT NOT NULL, graph_run INTEGER NOT NULL,
  root_id INTEGER NOT NULL, attempt INTEGER NOT NULL, trigger TEXT NOT NULL, state TEXT NOT NULL,
  scheduled_ms INTEGER NOT NULL, started_ms INTEGER, ended_ms INTEGER, query_id TEXT NOT NULL,
  error_code TEXT NOT NULL, error_message TEXT NOT NULL, return_value TEXT,
  text TEXT NOT NULL, condition TEXT NOT NULL, details TEXT NOT NULL) STRICT;
CREATE INDEX run_object ON run (object_id, scheduled_ms);
CREATE INDEX run_graph ON run (graph_run);
CREATE INDEX run_open ON run (kind, id) WHERE ended_ms IS NULL;
CREATE INDEX run_ended ON run (ended_ms) WHERE ended_ms IS NOT NULL;
)sql";

/// What clients of the REST catalog keep on databases and schemas.
inline constexpr std::string_view kNamespacePropertiesStep = R"sql(
CREATE TABLE namespace_property (id INTEGER NOT NULL REFERENCES object (id) ON DELETE CASCADE,
  key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (id, key)) STRICT, WITHOUT ROWID;
)sql";

/// The number that an IDENTITY column takes next; absent: its start.
inline constexpr std::string_view kIdentityValuesStep = R"sql(
CREATE TABLE identity_value (table_id INTEGER NOT NULL REFERENCES object (id) ON DELETE CASCADE,
  field_id INTEGER NOT NULL, next_value INTEGER NOT NULL, PRIMARY KEY (table_id, field_id))
  STRICT, WITHOUT ROWID;
)sql";

/// What COPY INTO has loaded into tables; and since when it does.
inline constexpr std::string_view kLoadHistoryStep = R"sql(
CREATE TABLE loaded_file (table_id INTEGER NOT NULL REFERENCES object (id) ON DELETE CASCADE,
  location TEXT NOT NULL, size INTEGER NOT NULL, modified_ms INTEGER NOT NULL,
  status TEXT NOT NULL, rows INTEGER NOT NULL, loaded_ms INTEGER NOT NULL,
  PRIMARY KEY (table_id, location)) STRICT, WITHOUT ROWID;
CREATE INDEX loaded_file_time ON loaded_file (table_id, loaded_ms);
CREATE TABLE first_load (table_id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
  loaded_ms INTEGER NOT NULL) STRICT;
)sql";

/// Applications, and what the connector replicates. States are written by whoever replicates; a
/// batch becomes known with the rows that it brought.
inline constexpr std::string_view kConnectorStep = R"sql(
CREATE TABLE application (id INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
  source_type TEXT NOT NULL, source TEXT NOT NULL, version TEXT NOT NULL,
  share_events INTEGER NOT NULL) STRICT;
-- Applications that the account is to have and has not got yet.
CREATE TABLE pending_application (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO pending_application (name) VALUES ('SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL');
CREATE TABLE data_source (id INTEGER PRIMARY KEY AUTOINCREMENT,
  application_id INTEGER NOT NULL REFERENCES object (id) ON DELETE CASCADE, name TEXT NOT NULL,
  database_name TEXT NOT NULL, schedule TEXT, scheduled_ms INTEGER, status TEXT NOT NULL,
  agent TEXT, run_status TEXT, run_ended_ms INTEGER, added_ms INTEGER NOT NULL,
  UNIQUE (application_id, name)) STRICT;
CREATE TABLE source_slot (
  data_source_id INTEGER PRIMARY KEY REFERENCES data_source (id) ON DELETE CASCADE,
  slot TEXT NOT NULL, system_identifier TEXT NOT NULL, created TEXT NOT NULL,
  acknowledged TEXT NOT NULL) STRICT;
CREATE TABLE captured_table (
  data_source_id INTEGER NOT NULL REFERENCES data_source (id) ON DELETE CASCADE,
  schema_name TEXT NOT NULL, table_name TEXT NOT NULL, included TEXT NOT NULL,
  excluded TEXT NOT NULL, phase TEXT NOT NULL, introspection TEXT NOT NULL, snapshot TEXT NOT NULL,
  incremental TEXT NOT NULL, error TEXT NOT NULL, removing INTEGER NOT NULL,
  added_ms INTEGER NOT NULL, PRIMARY KEY (data_source_id, schema_name, table_name))
  STRICT, WITHOUT ROWID;
CREATE TABLE applied_batch (id INTEGER PRIMARY KEY,
  data_source_id INTEGER NOT NULL REFERENCES data_source (id) ON DELETE CASCADE,
  schema_name TEXT NOT NULL, table_name TEXT NOT NULL, process TEXT NOT NULL,
  started_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, rows INTEGER NOT NULL,
  read_ms INTEGER NOT NULL, applied_ms INTEGER NOT NULL) STRICT;
CREATE INDEX applied_batch_started ON applied_batch (data_source_id, started_ms);
CREATE TABLE applied_hour (
  data_source_id INTEGER NOT NULL REFERENCES data_source (id) ON DELETE CASCADE,
  schema_name TEXT NOT NULL, table_name TEXT NOT NULL, hour_ms INTEGER NOT NULL,
  rows INTEGER NOT NULL, duration_ms INTEGER NOT NULL,
  PRIMARY KEY (data_source_id, schema_name, table_name, hour_ms)) STRICT, WITHOUT ROWID;
CREATE TABLE captured_schema (id INTEGER PRIMARY KEY,
  data_source_id INTEGER NOT NULL REFERENCES data_source (id) ON DELETE CASCADE,
  schema_name TEXT NOT NULL, table_name TEXT NOT NULL, version INTEGER NOT NULL,
  state TEXT NOT NULL, source TEXT NOT NULL, destination TEXT NOT NULL,
  inserted_ms INTEGER NOT NULL) STRICT;
CREATE INDEX captured_schema_table ON captured_schema (data_source_id);
CREATE TABLE application_event (id INTEGER PRIMARY KEY,
  application_id INTEGER NOT NULL REFERENCES object (id) ON DELETE CASCADE,
  by_agent INTEGER NOT NULL, time_ms INTEGER NOT NULL, action TEXT NOT NULL,
  parameters TEXT NOT NULL) STRICT;
CREATE INDEX application_event_of ON application_event (application_id, by_agent);
)sql";

/// Keys with which users sign that they log in.
inline constexpr std::string_view kUserKeysStep = R"sql(
ALTER TABLE user ADD COLUMN rsa_public_key TEXT NOT NULL DEFAULT '';
ALTER TABLE user ADD COLUMN rsa_public_key_2 TEXT NOT NULL DEFAULT '';
)sql";

/// Whose an object is: '' everybody's, else the session's that made it for itself. A session's
/// names stand beside those of all.
inline constexpr std::string_view kTemporaryObjectsStep = R"sql(
ALTER TABLE object ADD COLUMN session TEXT NOT NULL DEFAULT '';
DROP INDEX object_name;
CREATE UNIQUE INDEX object_name ON object (container_id, family, name, signature, session)
  WHERE dropped_ms IS NULL;
CREATE INDEX object_session ON object (session) WHERE session <> '';
)sql";

/// How a data source's tables look in the destination.
inline constexpr std::string_view kCaptureModeStep = R"sql(
ALTER TABLE data_source ADD COLUMN mode TEXT NOT NULL DEFAULT 'CONNECTOR';
)sql";

}  // namespace tarn::warehouse
