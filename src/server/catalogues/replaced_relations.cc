// SPDX-License-Identifier: Apache-2.0
#include "server/catalogues/catalogue_sql.h"

namespace tarn::server::catalogues {

std::string_view ReplacedRelations() {
  return R"sql(
ALTER TABLE pg_catalog.pg_database RENAME TO tarn_pg_database;

REVOKE ALL ON pg_catalog.tarn_pg_database FROM PUBLIC;

CREATE VIEW pg_catalog.pg_database AS
SELECT oid, name AS datname, owner AS datdba, 6 AS encoding, 'c'::"char" AS datlocprovider, false AS datistemplate, true AS datallowconn,
  false AS dathasloginevt, -1 AS datconnlimit, '0'::xid AS datfrozenxid, '0'::xid AS datminmxid, 1663::oid AS dattablespace,
  'C.UTF-8'::text AS datcollate, 'C.UTF-8'::text AS datctype, NULL::text AS datlocale, NULL::text AS daticulocale,
  NULL::text AS daticurules, NULL::text AS datcollversion, NULL::aclitem[] AS datacl
FROM pg_catalog.tarn_database;

GRANT SELECT ON pg_catalog.pg_database TO PUBLIC;

ALTER TABLE pg_catalog.pg_collation RENAME TO tarn_pg_collation;

CREATE VIEW pg_catalog.pg_collation AS SELECT *, colllocale AS colliculocale FROM pg_catalog.tarn_pg_collation;

GRANT SELECT ON pg_catalog.pg_collation TO PUBLIC;

CREATE FUNCTION pg_catalog.pg_database_size(oid) RETURNS bigint LANGUAGE sql STABLE AS $$SELECT NULL::bigint$$;

CREATE FUNCTION pg_catalog.pg_database_size(name) RETURNS bigint LANGUAGE sql STABLE AS $$SELECT NULL::bigint$$;

CREATE FUNCTION pg_catalog.has_database_privilege(oid, text) RETURNS boolean LANGUAGE sql STABLE STRICT AS $$
SELECT pg_catalog.lower($2) = 'connect' FROM pg_catalog.pg_database WHERE oid = $1 $$;

CREATE FUNCTION pg_catalog.has_database_privilege(text, text) RETURNS boolean LANGUAGE sql STABLE STRICT AS $$
SELECT pg_catalog.lower($2) = 'connect' FROM pg_catalog.pg_database WHERE datname = $1::name $$;

CREATE FUNCTION pg_catalog.has_database_privilege(name, text, text) RETURNS boolean LANGUAGE sql STABLE STRICT AS $$
SELECT pg_catalog.has_database_privilege($2, $3) $$;

CREATE FUNCTION pg_catalog.has_database_privilege(name, oid, text) RETURNS boolean LANGUAGE sql STABLE STRICT AS $$
SELECT pg_catalog.has_database_privilege($2, $3) $$;

CREATE OR REPLACE VIEW pg_catalog.pg_roles AS
SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolconnlimit, '********'::text AS rolpassword,
  rolvaliduntil, rolbypassrls, NULL::text[] COLLATE "C" AS rolconfig, oid
FROM pg_catalog.pg_authid WHERE oid >= 16384;

CREATE OR REPLACE VIEW pg_catalog.pg_user AS
SELECT rolname AS usename, oid AS usesysid, rolcreatedb AS usecreatedb, rolsuper AS usesuper, rolreplication AS userepl,
  rolbypassrls AS usebypassrls, '********'::text AS passwd, rolvaliduntil AS valuntil, NULL::text[] COLLATE "C" AS useconfig
FROM pg_catalog.pg_authid WHERE oid >= 16384 AND rolcanlogin;

CREATE OR REPLACE VIEW pg_catalog.pg_views AS
SELECT n.nspname AS schemaname, c.relname AS viewname, pg_catalog.pg_get_userbyid(c.relowner) AS viewowner, pg_catalog.pg_get_viewdef(c.oid) AS definition
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'v';

CREATE OR REPLACE FUNCTION pg_catalog.shobj_description(oid, name) RETURNS text LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog AS $$
SELECT comment FROM pg_catalog.tarn_database WHERE oid = $1 AND $2 = 'pg_database' $$;

ALTER VIEW pg_catalog.pg_stat_activity RENAME TO tarn_stat_activity;

REVOKE ALL ON pg_catalog.tarn_stat_activity FROM PUBLIC;

CREATE FUNCTION pg_catalog.tarn_activity(integer) RETURNS SETOF pg_catalog.tarn_stat_activity LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
SELECT * FROM pg_catalog.tarn_stat_activity WHERE pid = $1 AND pid = pg_catalog.pg_backend_pid() $$;

CREATE VIEW pg_catalog.pg_stat_activity AS
SELECT (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()) AS datid, pg_catalog.current_database() AS datname,
  pid, leader_pid, usesysid, usename, application_name, client_addr, client_hostname, client_port, backend_start, xact_start, query_start, state_change,
  wait_event_type, wait_event, state, backend_xid, backend_xmin, query_id, query, backend_type
FROM pg_catalog.tarn_activity(pg_catalog.pg_backend_pid());

GRANT SELECT ON pg_catalog.pg_stat_activity TO PUBLIC;

)sql";
}

std::string_view Rights() {
  return R"sql(
REVOKE ALL ON pg_catalog.pg_shdescription, pg_catalog.pg_shdepend, pg_catalog.pg_stat_database, pg_catalog.pg_stat_database_conflicts, pg_catalog.pg_prepared_xacts FROM PUBLIC;

DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT oid FROM pg_catalog.pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
    AND (provolatile = 'v' AND proname NOT IN ('array_sample', 'array_shuffle', 'clock_timestamp', 'current_query', 'gen_random_uuid', 'pg_advisory_unlock_all',
        'pg_collation_actual_version', 'pg_database_collation_actual_version', 'pg_database_size', 'pg_indexes_size', 'pg_is_in_recovery', 'pg_jit_available', 'pg_lock_status',
        'pg_partition_ancestors', 'pg_partition_tree', 'pg_relation_size', 'pg_sequence_last_value', 'pg_sleep', 'pg_table_size', 'pg_total_relation_size',
        'random', 'random_normal', 'set_config', 'setseed', 'timeofday', 'plpgsql_call_handler', 'heap_tableam_handler', 'bthandler')
      OR proname ~ '^pg_stat_get_(activity|backend|wal|progress|replication|subscription|db_|slru)' OR proname ~ '(to_xml|xmlschema)'
      OR proname ~ '^tarn_(ids|remove|add_|set_)' OR proname IN ('tarn_set_config', 'tarn_current_database', 'pg_get_replication_slots', 'pg_conf_load_time', 'pg_filenode_relation'))
  LOOP
    EXECUTE 'REVOKE ALL ON FUNCTION ' || f || ' FROM PUBLIC';
  END LOOP;
END $$;

REVOKE USAGE ON LANGUAGE plpgsql, sql FROM PUBLIC;

DROP SCHEMA public CASCADE;

DROP SCHEMA information_schema CASCADE;

INSERT INTO pg_catalog.pg_language (oid, lanname, lanowner, lanispl, lanpltrusted, lanplcallfoid, laninline, lanvalidator)
SELECT 2999999000 + n, l, 10, true, true, 0, 0, 0 FROM (VALUES (1, 'javascript'), (2, 'python'), (3, 'java'), (4, 'scala')) AS v(n, l);

)sql";
}

}  // namespace tarn::server::catalogues
