// SPDX-License-Identifier: Apache-2.0
#include "server/catalogues/catalogue_sql.h"

namespace tarn::server::catalogues {

std::string_view ReplacedFunctions() {
  return R"sql(
SET search_path TO pg_catalog;

-- Some call others that come later.
SET check_function_bodies TO off;

CREATE TABLE pg_catalog.tarn_database (oid oid, name name, owner oid, comment text);

CREATE TABLE pg_catalog.tarn_view (oid oid, definition text);

REVOKE ALL ON pg_catalog.tarn_database, pg_catalog.tarn_view FROM PUBLIC;

ALTER FUNCTION pg_catalog.version() RENAME TO tarn_version;

ALTER FUNCTION pg_catalog.current_setting(text) RENAME TO tarn_current_setting;

ALTER FUNCTION pg_catalog.current_setting(text, boolean) RENAME TO tarn_current_setting;

ALTER FUNCTION pg_catalog.set_config(text, text, boolean) RENAME TO tarn_set_config;

ALTER FUNCTION pg_catalog.current_database() RENAME TO tarn_current_database;

ALTER FUNCTION pg_catalog.pg_get_viewdef(oid) RENAME TO tarn_get_viewdef;

ALTER FUNCTION pg_catalog.pg_get_viewdef(oid, boolean) RENAME TO tarn_get_viewdef;

ALTER FUNCTION pg_catalog.pg_get_viewdef(oid, integer) RENAME TO tarn_get_viewdef;

ALTER FUNCTION pg_catalog.pg_get_viewdef(text) RENAME TO tarn_get_viewdef;

ALTER FUNCTION pg_catalog.pg_get_viewdef(text, boolean) RENAME TO tarn_get_viewdef;

ALTER FUNCTION pg_catalog.pg_get_expr(pg_node_tree, oid) RENAME TO tarn_get_expr;

ALTER FUNCTION pg_catalog.pg_get_expr(pg_node_tree, oid, boolean) RENAME TO tarn_get_expr;

ALTER FUNCTION pg_catalog.pg_database_size(oid) RENAME TO tarn_database_size;

ALTER FUNCTION pg_catalog.pg_database_size(name) RENAME TO tarn_database_size;

ALTER FUNCTION pg_catalog.has_database_privilege(text, text) RENAME TO tarn_has_database_privilege;

ALTER FUNCTION pg_catalog.has_database_privilege(oid, text) RENAME TO tarn_has_database_privilege;

ALTER FUNCTION pg_catalog.has_database_privilege(name, text, text) RENAME TO tarn_has_database_privilege;

ALTER FUNCTION pg_catalog.has_database_privilege(name, oid, text) RENAME TO tarn_has_database_privilege;

ALTER FUNCTION pg_catalog.has_database_privilege(oid, text, text) RENAME TO tarn_has_database_privilege;

ALTER FUNCTION pg_catalog.has_database_privilege(oid, oid, text) RENAME TO tarn_has_database_privilege;

CREATE CAST (text AS pg_node_tree) WITHOUT FUNCTION;

CREATE FUNCTION pg_catalog.current_setting(text, boolean) RETURNS text LANGUAGE sql STABLE AS $$
SELECT CASE pg_catalog.lower($1)
  WHEN 'server_version' THEN pg_catalog.tarn_current_setting('tarn.server_version')
  WHEN 'server_version_num' THEN pg_catalog.tarn_current_setting('tarn.server_version_num')
  ELSE pg_catalog.tarn_current_setting($1, $2) END $$;

CREATE FUNCTION pg_catalog.current_setting(text) RETURNS text LANGUAGE sql STABLE STRICT AS $$
SELECT pg_catalog.current_setting($1, false) $$;

CREATE FUNCTION pg_catalog.set_config(text, text, boolean) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF $1 <> 'jit' THEN
    RAISE feature_not_supported USING MESSAGE = 'set_config of "' || $1 || '" is not supported', HINT = 'Use SET.';
  END IF;
  RETURN $2;
END $$;

CREATE FUNCTION pg_catalog.tarn_refuse() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RAISE feature_not_supported USING MESSAGE = 'a query of PostgreSQL''s catalogues cannot read tables of the warehouse';
END $$;

CREATE FUNCTION pg_catalog.version() RETURNS text LANGUAGE sql STABLE AS $$
SELECT 'PostgreSQL ' || pg_catalog.tarn_current_setting('tarn.server_version') || ' on x86_64-pc-linux-gnu, 64-bit' $$;

CREATE FUNCTION pg_catalog.current_database() RETURNS name LANGUAGE sql STABLE AS $$
SELECT NULLIF(pg_catalog.tarn_current_setting('tarn.database', true), '')::name $$;

CREATE FUNCTION pg_catalog.tarn_definition(oid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
SELECT definition FROM pg_catalog.tarn_view WHERE oid = $1 $$;

CREATE FUNCTION pg_catalog.pg_get_viewdef(oid) RETURNS text LANGUAGE sql STABLE STRICT AS $$
SELECT CASE WHEN $1 < 16384 OR $1 >= 3000000000 THEN pg_catalog.tarn_get_viewdef($1) ELSE pg_catalog.tarn_definition($1) END $$;

CREATE FUNCTION pg_catalog.pg_get_viewdef(oid, boolean) RETURNS text LANGUAGE sql STABLE STRICT AS $$
SELECT pg_catalog.pg_get_viewdef($1) $$;

CREATE FUNCTION pg_catalog.pg_get_viewdef(oid, integer) RETURNS text LANGUAGE sql STABLE STRICT AS $$
SELECT pg_catalog.pg_get_viewdef($1) $$;

CREATE FUNCTION pg_catalog.pg_get_viewdef(text) RETURNS text LANGUAGE sql STABLE STRICT AS $$
SELECT pg_catalog.pg_get_viewdef($1::pg_catalog.regclass::oid) $$;

CREATE FUNCTION pg_catalog.pg_get_viewdef(text, boolean) RETURNS text LANGUAGE sql STABLE STRICT AS $$
SELECT pg_catalog.pg_get_viewdef($1::pg_catalog.regclass::oid) $$;

CREATE FUNCTION pg_catalog.pg_get_expr(pg_node_tree, oid) RETURNS text LANGUAGE sql STABLE STRICT AS $$
SELECT CASE WHEN pg_catalog.starts_with($1::text, 'tarn:') THEN pg_catalog.substr($1::text, 6) ELSE pg_catalog.tarn_get_expr($1, $2) END $$;

CREATE FUNCTION pg_catalog.pg_get_expr(pg_node_tree, oid, boolean) RETURNS text LANGUAGE sql STABLE STRICT AS $$
SELECT pg_catalog.pg_get_expr($1, $2) $$;

CREATE FUNCTION pg_catalog.tarn_name_matches(name, text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$
SELECT CASE WHEN $2 = pg_catalog.lower($2) THEN pg_catalog.texticregexeq($1::text, $2) ELSE pg_catalog.textregexeq($1::text, $2) END $$;

CREATE FUNCTION pg_catalog.tarn_name_like(name, text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$
SELECT CASE WHEN $2 = pg_catalog.lower($2) THEN pg_catalog.texticlike($1::text, $2) ELSE pg_catalog.textlike($1::text, $2) END $$;

UPDATE pg_catalog.pg_operator SET oprcode = 'pg_catalog.tarn_name_matches'::pg_catalog.regproc WHERE oid = 639;

UPDATE pg_catalog.pg_operator SET oprcode = 'pg_catalog.tarn_name_like'::pg_catalog.regproc WHERE oid = 1207;

)sql";
}

}  // namespace tarn::server::catalogues
