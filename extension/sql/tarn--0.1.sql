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
  OUT last_column_id int4,
  OUT snapshot_id int8,
  OUT sequence_number int8,
  OUT committed_xid xid8
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
  OUT last_column_id int4,
  OUT snapshot_id int8,
  OUT sequence_number int8,
  OUT committed_xid xid8
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

CREATE FUNCTION tarn.compaction_states(
  OUT relation oid,
  OUT pid int4,
  OUT started timestamptz,
  OUT ended timestamptz,
  OUT files bigint,
  OUT bytes bigint,
  OUT bytes_done bigint,
  OUT rewrites bigint,
  OUT failures bigint,
  OUT rewritten_files bigint,
  OUT rewritten_bytes bigint,
  OUT added_files bigint,
  OUT added_bytes bigint,
  OUT error text
) RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'tarn_compaction_states';
REVOKE EXECUTE ON FUNCTION tarn.compaction_states() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tarn.compaction_states() TO pg_monitor;

CREATE VIEW tarn.compaction_progress AS
  SELECT relation::regclass AS relation, pid, started, files, bytes, bytes_done
    FROM tarn.compaction_states() WHERE pid IS NOT NULL;
CREATE VIEW tarn.compaction_results AS
  SELECT relation::regclass AS relation, ended AS last_ended, rewrites, failures, rewritten_files, rewritten_bytes, added_files, added_bytes, error AS last_error
    FROM tarn.compaction_states();
GRANT SELECT ON tarn.compaction_progress, tarn.compaction_results TO pg_monitor;
COMMENT ON VIEW tarn.compaction_progress IS 'rewrites of lake tables of this database that run now';
COMMENT ON VIEW tarn.compaction_results IS 'what compaction did to lake tables of this database since the lake engine started';

CREATE FUNCTION tarn.engine_memory(
  OUT consumer text,
  OUT used bigint,
  OUT peak bigint,
  OUT share bigint,
  OUT refusals bigint
) RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'tarn_engine_memory';
COMMENT ON FUNCTION tarn.engine_memory() IS
  'bytes of rows and metadata that the lake engine holds for all sessions, by what holds them, and together ("all", whose share is tarn.engine_buffer_memory)';
REVOKE EXECUTE ON FUNCTION tarn.engine_memory() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tarn.engine_memory() TO pg_monitor;

-- ---- commits of other writers ----

CREATE FUNCTION tarn.commit_table(relation regclass, requirements jsonb, updates jsonb) RETURNS text
  LANGUAGE c STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'tarn_commit_table';
COMMENT ON FUNCTION tarn.commit_table(regclass, jsonb, jsonb) IS
  'applies a commit of the Iceberg REST specification to a lake table; returns the location of the new metadata';

CREATE FUNCTION tarn.commit_tables(changes jsonb) RETURNS jsonb
  LANGUAGE c STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'tarn_commit_tables';
COMMENT ON FUNCTION tarn.commit_tables(jsonb) IS
  'the same for several tables, all or none: an array of {"table", "requirements", "updates"}';

-- ---- what metadata tells ----

CREATE FUNCTION tarn.describe_table(relation regclass, subject text) RETURNS jsonb
  LANGUAGE c STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'tarn_describe_table';
CREATE FUNCTION tarn.describe_metadata(metadata_uri text, subject text) RETURNS jsonb
  LANGUAGE c STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'tarn_describe_metadata';
REVOKE EXECUTE ON FUNCTION tarn.describe_metadata(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tarn.describe_metadata(text, text) TO lake_read;

CREATE FUNCTION tarn.snapshots(relation regclass)
  RETURNS TABLE (committed_at timestamptz, snapshot_id bigint, parent_id bigint, sequence_number bigint, operation text,
                 manifest_list text, summary jsonb)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  BEGIN ATOMIC
    SELECT pg_catalog.to_timestamp(s.committed_at_ms / 1000.0), s.snapshot_id, s.parent_id, s.sequence_number, s.operation,
           s.manifest_list, s.summary
      FROM pg_catalog.jsonb_to_recordset(tarn.describe_table(relation, 'snapshots'))
        AS s(committed_at_ms bigint, snapshot_id bigint, parent_id bigint, sequence_number bigint, operation text,
             manifest_list text, summary jsonb);
  END;
COMMENT ON FUNCTION tarn.snapshots(regclass) IS 'the snapshots that a lake table keeps';

CREATE FUNCTION tarn.history(relation regclass)
  RETURNS TABLE (made_current_at timestamptz, snapshot_id bigint, parent_id bigint, is_current_ancestor boolean)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  BEGIN ATOMIC
    SELECT pg_catalog.to_timestamp(h.made_current_at_ms / 1000.0), h.snapshot_id, h.parent_id, h.is_current_ancestor
      FROM pg_catalog.jsonb_to_recordset(tarn.describe_table(relation, 'history'))
        AS h(made_current_at_ms bigint, snapshot_id bigint, parent_id bigint, is_current_ancestor boolean);
  END;
COMMENT ON FUNCTION tarn.history(regclass) IS 'which snapshot of a lake table became current when';

CREATE FUNCTION tarn.refs(relation regclass)
  RETURNS TABLE (name text, type text, snapshot_id bigint, max_reference_age_in_ms bigint, min_snapshots_to_keep int,
                 max_snapshot_age_in_ms bigint)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  BEGIN ATOMIC
    SELECT r.name, r.type, r.snapshot_id, r.max_reference_age_in_ms, r.min_snapshots_to_keep, r.max_snapshot_age_in_ms
      FROM pg_catalog.jsonb_to_recordset(tarn.describe_table(relation, 'refs'))
        AS r(name text, type text, snapshot_id bigint, max_reference_age_in_ms bigint, min_snapshots_to_keep int,
             max_snapshot_age_in_ms bigint);
  END;
COMMENT ON FUNCTION tarn.refs(regclass) IS 'branches and tags of a lake table';

CREATE FUNCTION tarn.files(relation regclass)
  RETURNS TABLE (manifest_path text, content text, file_path text, file_format text, spec_id int, partition text,
                 record_count bigint, file_size_in_bytes bigint, sequence_number bigint, first_row_id bigint)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  BEGIN ATOMIC
    SELECT f.manifest_path, f.content, f.file_path, f.file_format, f.spec_id, f.partition, f.record_count,
           f.file_size_in_bytes, f.sequence_number, f.first_row_id
      FROM pg_catalog.jsonb_to_recordset(tarn.describe_table(relation, 'files'))
        AS f(manifest_path text, content text, file_path text, file_format text, spec_id int, partition text,
             record_count bigint, file_size_in_bytes bigint, sequence_number bigint, first_row_id bigint);
  END;
COMMENT ON FUNCTION tarn.files(regclass) IS 'data and delete files of a lake table''s current snapshot';

CREATE FUNCTION tarn.partitions(relation regclass)
  RETURNS TABLE (spec_id int, partition text, record_count bigint, file_count bigint, total_data_file_size_in_bytes bigint,
                 delete_record_count bigint, delete_file_count bigint)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE
  BEGIN ATOMIC
    SELECT p.spec_id, p.partition, p.record_count, p.file_count, p.total_data_file_size_in_bytes, p.delete_record_count,
           p.delete_file_count
      FROM pg_catalog.jsonb_to_recordset(tarn.describe_table(relation, 'partitions'))
        AS p(spec_id int, partition text, record_count bigint, file_count bigint, total_data_file_size_in_bytes bigint,
             delete_record_count bigint, delete_file_count bigint);
  END;
COMMENT ON FUNCTION tarn.partitions(regclass) IS 'rows and files of each partition of a lake table';

-- Named as in pg_lake: by the location of a metadata file, whosever it is. For members of lake_read.
CREATE SCHEMA lake_iceberg;
GRANT USAGE ON SCHEMA lake_iceberg TO PUBLIC;

CREATE FUNCTION lake_iceberg.metadata(metadata_uri text) RETURNS jsonb
  LANGUAGE sql STRICT VOLATILE PARALLEL UNSAFE
  RETURN tarn.describe_metadata(metadata_uri, 'metadata');

CREATE FUNCTION lake_iceberg.snapshots(metadata_uri text)
  RETURNS TABLE (sequence_number bigint, snapshot_id bigint, timestamp_ms timestamp, manifest_list text)
  LANGUAGE sql STRICT VOLATILE PARALLEL UNSAFE
  BEGIN ATOMIC
    SELECT s.sequence_number, s.snapshot_id, pg_catalog.timezone('UTC', pg_catalog.to_timestamp(s.committed_at_ms / 1000.0)),
           s.manifest_list
      FROM pg_catalog.jsonb_to_recordset(tarn.describe_metadata(metadata_uri, 'snapshots'))
        AS s(sequence_number bigint, snapshot_id bigint, committed_at_ms bigint, manifest_list text);
  END;

CREATE FUNCTION lake_iceberg.files(metadata_uri text)
  RETURNS TABLE (manifest_path text, content text, file_path text, file_format text, spec_id bigint, record_count bigint,
                 file_size_in_bytes bigint)
  LANGUAGE sql STRICT VOLATILE PARALLEL UNSAFE
  BEGIN ATOMIC
    SELECT f.manifest_path, f.content, f.file_path, f.file_format, f.spec_id, f.record_count, f.file_size_in_bytes
      FROM pg_catalog.jsonb_to_recordset(tarn.describe_metadata(metadata_uri, 'files'))
        AS f(manifest_path text, content text, file_path text, file_format text, spec_id bigint, record_count bigint,
             file_size_in_bytes bigint);
  END;

CREATE FUNCTION lake_iceberg.find_all_referenced_files(metadata_path text, OUT path text) RETURNS SETOF text
  LANGUAGE sql STRICT VOLATILE PARALLEL UNSAFE
  BEGIN ATOMIC
    SELECT f.path FROM pg_catalog.jsonb_array_elements_text(tarn.describe_metadata(metadata_path, 'reachable')) AS f(path);
  END;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA lake_iceberg FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA lake_iceberg TO lake_read;
