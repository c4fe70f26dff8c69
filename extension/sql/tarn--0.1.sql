-- SPDX-License-Identifier: Apache-2.0
\echo Use "CREATE EXTENSION tarn" to load this file. \quit

DO $$
BEGIN
  IF current_setting('server_encoding') <> 'UTF8' THEN
    RAISE EXCEPTION 'lake tables need a database with encoding UTF8, not %', current_setting('server_encoding')
      USING ERRCODE = 'feature_not_supported',
            HINT = 'Create a database WITH ENCODING ''UTF8'' TEMPLATE template0.';
  END IF;
END
$$;

GRANT USAGE ON SCHEMA @extschema@ TO PUBLIC;

-- One row per lake table: docs/internals/commit-protocol.md. Written by the extension only, and never dumped: a restored table
-- gets a location of its own. Half-empty pages let each commit keep its row on the page it is on.
CREATE TABLE @extschema@.tables (
  table_oid oid PRIMARY KEY,
  table_uuid uuid NOT NULL,
  location text NOT NULL,
  metadata_location text NOT NULL,
  previous_metadata_location text,
  database_oid oid NOT NULL,
  node uuid NOT NULL,
  relfilenumber oid NOT NULL,
  carried_relfilenumbers oid[] NOT NULL,
  field_ids int4[] NOT NULL,
  field_types text[] NOT NULL,
  last_column_id int4 NOT NULL
) USING heap WITH (fillfactor = 30, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0.5);

CREATE FUNCTION @extschema@.iceberg_handler(internal) RETURNS table_am_handler
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'tarn_iceberg_handler';

CREATE ACCESS METHOD iceberg TYPE TABLE HANDLER @extschema@.iceberg_handler;
COMMENT ON ACCESS METHOD iceberg IS 'tables in Apache Iceberg';

-- The columns of the JDBC catalog, so that its clients can read them. A rename shows at once.
CREATE VIEW @extschema@.iceberg_tables AS
  SELECT current_database()::varchar(255) AS catalog_name,
         n.nspname::varchar(255) AS table_namespace,
         c.relname::varchar(255) AS table_name,
         t.metadata_location::varchar(1000) AS metadata_location,
         t.previous_metadata_location::varchar(1000) AS previous_metadata_location
    FROM @extschema@.tables t
    JOIN pg_catalog.pg_class c ON c.oid = t.table_oid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace;

CREATE VIEW @extschema@.iceberg_namespace_properties AS
  SELECT DISTINCT catalog_name,
         table_namespace AS namespace,
         'exists'::varchar(255) AS property_key,
         'true'::varchar(1000) AS property_value
    FROM @extschema@.iceberg_tables;

-- Nothing can be created in pg_catalog, but moved there: these are on every search_path.
ALTER VIEW @extschema@.iceberg_tables SET SCHEMA pg_catalog;
ALTER VIEW @extschema@.iceberg_namespace_properties SET SCHEMA pg_catalog;
GRANT SELECT ON pg_catalog.iceberg_tables, pg_catalog.iceberg_namespace_properties TO PUBLIC;

CREATE FUNCTION @extschema@.adopt_table(relation regclass) RETURNS void
  LANGUAGE c STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'tarn_adopt_table';
COMMENT ON FUNCTION @extschema@.adopt_table(regclass) IS
  'takes over the location of a table that this database has from a copy (a template, a backup, a promoted standby)';

CREATE FUNCTION @extschema@.engine_status(OUT running boolean, OUT node uuid, OUT message text) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'tarn_engine_status';
COMMENT ON FUNCTION @extschema@.engine_status() IS 'whether the lake engine answers';
