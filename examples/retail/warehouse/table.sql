-- SPDX-License-Identifier: Apache-2.0
-- One table of the lake, and what keeps it fresh: a stage over its metadata files, a stream on the stage, and two tasks.
CREATE OR REPLACE ICEBERG TABLE $table
    EXTERNAL_VOLUME = 'bakery_volume' CATALOG = 'bakery_files' METADATA_FILE_PATH = '$folder/$file';

CREATE OR REPLACE STAGE ${table}_metadata
    URL = 's3://bakery/$folder/' STORAGE_INTEGRATION = bakery_stages DIRECTORY = (ENABLE = TRUE);
CREATE OR REPLACE STREAM ${table}_changes ON STAGE ${table}_metadata;

CREATE OR REPLACE PROCEDURE refresh_${table}()
RETURNS VARCHAR
LANGUAGE SQL
AS
$$$$
DECLARE
    newest VARCHAR;
BEGIN
    SELECT relative_path INTO :newest FROM DIRECTORY(@${table}_metadata)
        WHERE relative_path LIKE '%.metadata.json' ORDER BY last_modified DESC LIMIT 1;
    EXECUTE IMMEDIATE 'ALTER ICEBERG TABLE $table REFRESH ''$folder/' || newest || '''';
    RETURN newest;
END;
$$$$;

CREATE OR REPLACE TASK look_at_${table} WAREHOUSE = COMPUTE_WH SCHEDULE = '10 SECONDS' AS
    ALTER STAGE ${table}_metadata REFRESH;
CREATE OR REPLACE TASK follow_${table} WAREHOUSE = COMPUTE_WH AFTER look_at_${table}
    WHEN SYSTEM$$STREAM_HAS_DATA('${table}_changes') AS
    CALL refresh_${table}();
ALTER TASK follow_${table} RESUME;
ALTER TASK look_at_${table} RESUME;
