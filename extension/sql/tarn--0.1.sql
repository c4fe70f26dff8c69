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

-- Everything here belongs to the bootstrap superuser, whoever runs this: a role that is no superuser any more has no hand in it.
DO $$
DECLARE
  bootstrap name := (SELECT rolname FROM pg_catalog.pg_roles WHERE oid = 10);
BEGIN
  IF current_user <> bootstrap THEN
    PERFORM pg_catalog.set_config('role', bootstrap, true);
  END IF;
END
$$;

-- Named as in pg_lake. A role is the cluster's: other databases may have made them.
DO $$
DECLARE
  role name;
BEGIN
  FOREACH role IN ARRAY ARRAY['lake_read', 'lake_write', 'lake_read_write'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role) THEN
      EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', role);
    END IF;
  END LOOP;
  IF NOT pg_catalog.pg_has_role('lake_read_write', 'lake_write', 'USAGE')
     OR NOT pg_catalog.pg_has_role('lake_read_write', 'lake_read', 'USAGE') THEN
    GRANT lake_read, lake_write TO lake_read_write;
  END IF;
END
$$;

-- The schema is the extension's own, empty when it is made: what somebody put into one of this name would be taken for ours.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'tarn') THEN
    RAISE EXCEPTION 'schema "tarn" already exists'
      USING ERRCODE = 'duplicate_schema',
            HINT = 'The extension makes a schema of this name for itself. Rename or drop the one that is there.';
  END IF;
END
$$;
CREATE SCHEMA tarn;
GRANT USAGE ON SCHEMA tarn TO PUBLIC;

-- One row per lake table: docs/internals/commit-protocol.md. Written by the extension only, and never dumped: a restored table
-- gets a location of its own. Half-empty pages let each commit keep its row on the page it is on.
-- It is a materialized view by its kind, because these are in no publication, not even one FOR ALL TABLES, and no statement can
-- change them. REFRESH would empty it: after the first time its query fails.
CREATE FUNCTION tarn.no_pointers(
  OUT table_oid oid,
  OUT table_uuid uuid,
  OUT location text,
  OUT metadata_location text,
  OUT previous_metadata_location text,
  OUT database_oid oid,
  OUT node uuid,
  OUT relfilenumber oid,
  OUT carried_relfilenumbers oid[],
  OUT field_ids int4[],
  OUT field_types text[],
  OUT last_column_id int4
) RETURNS SETOF record LANGUAGE plpgsql AS 'BEGIN RETURN; END';
REVOKE EXECUTE ON FUNCTION tarn.no_pointers() FROM PUBLIC;
CREATE MATERIALIZED VIEW tarn.tables USING heap
  WITH (fillfactor = 30, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0.5)
  AS SELECT * FROM tarn.no_pointers();
CREATE UNIQUE INDEX tables_table_oid ON tarn.tables (table_oid);
COMMENT ON MATERIALIZED VIEW tarn.tables IS 'which metadata file of each lake table is current; written by the extension only';
CREATE OR REPLACE FUNCTION tarn.no_pointers(
  OUT table_oid oid,
  OUT table_uuid uuid,
  OUT location text,
  OUT metadata_location text,
  OUT previous_metadata_location text,
  OUT database_oid oid,
  OUT node uuid,
  OUT relfilenumber oid,
  OUT carried_relfilenumbers oid[],
  OUT field_ids int4[],
  OUT field_types text[],
  OUT last_column_id int4
) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'tarn.tables cannot be refreshed'
    USING ERRCODE = 'feature_not_supported',
          DETAIL = 'Its rows tell where the rows of lake tables are, and come from no query.',
          HINT = 'Leave it out.';
END
$$;

CREATE FUNCTION tarn.iceberg_handler(internal) RETURNS table_am_handler
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'tarn_iceberg_handler';

CREATE ACCESS METHOD iceberg TYPE TABLE HANDLER tarn.iceberg_handler;
COMMENT ON ACCESS METHOD iceberg IS 'tables in Apache Iceberg';

-- The columns of the JDBC catalog, so that its clients can read them. A rename shows at once.
CREATE VIEW tarn.iceberg_tables AS
  SELECT current_database()::varchar(255) AS catalog_name,
         n.nspname::varchar(255) AS table_namespace,
         c.relname::varchar(255) AS table_name,
         t.metadata_location::varchar(1000) AS metadata_location,
         t.previous_metadata_location::varchar(1000) AS previous_metadata_location
    FROM tarn.tables t
    JOIN pg_catalog.pg_class c ON c.oid = t.table_oid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace;

CREATE VIEW tarn.iceberg_namespace_properties AS
  SELECT DISTINCT catalog_name,
         table_namespace AS namespace,
         'exists'::varchar(255) AS property_key,
         'true'::varchar(1000) AS property_value
    FROM tarn.iceberg_tables;

-- Nothing can be created in pg_catalog, but moved there: these are on every search_path.
ALTER VIEW tarn.iceberg_tables SET SCHEMA pg_catalog;
ALTER VIEW tarn.iceberg_namespace_properties SET SCHEMA pg_catalog;
GRANT SELECT ON pg_catalog.iceberg_tables, pg_catalog.iceberg_namespace_properties TO PUBLIC;

CREATE FUNCTION tarn.adopt_table(relation regclass) RETURNS void
  LANGUAGE c STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'tarn_adopt_table';
COMMENT ON FUNCTION tarn.adopt_table(regclass) IS
  'takes over the location of a table that this database has from a copy (a template, a backup, a promoted standby)';

CREATE FUNCTION tarn.engine_status(OUT running boolean, OUT node uuid, OUT message text) RETURNS record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'tarn_engine_status';
COMMENT ON FUNCTION tarn.engine_status() IS 'whether the lake engine answers';
