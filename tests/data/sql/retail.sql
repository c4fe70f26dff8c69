-- SPDX-License-Identifier: Apache-2.0
USE ROLE accountadmin;
CREATE OR REPLACE DATABASE shop;
CREATE SCHEMA IF NOT EXISTS shop.net;
CREATE SCHEMA IF NOT EXISTS shop.lake;
CREATE POSTGRES INSTANCE shop_txns
  COMPUTE_FAMILY = 'STANDARD_M'
  STORAGE_SIZE_GB = 50
  AUTHENTICATION_AUTHORITY = POSTGRES
  COMMENT = 'sales';
SHOW POSTGRES INSTANCES;
DESCRIBE POSTGRES INSTANCE shop_txns;
CREATE OR REPLACE NETWORK RULE shop.net.ingress
  TYPE = IPV4
  VALUE_LIST = ('0.0.0.0/0') -- for tests
  MODE = POSTGRES_INGRESS;
CREATE OR REPLACE NETWORK POLICY allow_all
  ALLOWED_NETWORK_RULE_LIST = ('shop.net.ingress')
  COMMENT = 'everybody';
ALTER POSTGRES INSTANCE shop_txns
  SET NETWORK_POLICY = 'ALLOW_ALL';
CREATE STORAGE INTEGRATION pg_s3
  TYPE = POSTGRES_EXTERNAL_STORAGE
  STORAGE_PROVIDER = 'S3'
  ENABLED = TRUE
  STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::012345678910:role/lake'
  STORAGE_ALLOWED_LOCATIONS = ('s3://lake/');
DESCRIBE STORAGE INTEGRATION pg_s3;
ALTER POSTGRES INSTANCE shop_txns SET STORAGE_INTEGRATION = pg_s3;
CREATE OR REPLACE EXTERNAL VOLUME lake_volume
  STORAGE_LOCATIONS = (
    (
      NAME = 'lake-s3'
      STORAGE_PROVIDER = 'S3'
      STORAGE_BASE_URL = 's3://lake/'
      STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::012345678910:role/lake'
    )
  );
SELECT SYSTEM$VERIFY_EXTERNAL_VOLUME('lake_volume');
USE SCHEMA shop.lake;
CREATE OR REPLACE CATALOG INTEGRATION pg_catalog_i
  CATALOG_SOURCE = OBJECT_STORE
  TABLE_FORMAT = ICEBERG
  ENABLED = TRUE;
CREATE OR REPLACE ICEBERG TABLE sales
  EXTERNAL_VOLUME = 'lake_volume'
  CATALOG = 'pg_catalog_i'
  METADATA_FILE_PATH = 'frompg/tables/postgres/public/sales/1234/metadata/00001-abc.metadata.json';
CREATE OR REPLACE STAGE meta_sales
  URL = 's3://lake/frompg/tables/postgres/public/sales/1234/metadata/'
  STORAGE_INTEGRATION = stage_s3
  DIRECTORY = (ENABLE = TRUE);
CREATE OR REPLACE STREAM changes_sales ON STAGE meta_sales;
CREATE OR REPLACE PROCEDURE refresh_sales()
RETURNS VARCHAR
LANGUAGE SQL
AS
$$
DECLARE
  newest VARCHAR;
BEGIN
  SELECT RELATIVE_PATH INTO :newest
  FROM DIRECTORY(@meta_sales)
  WHERE RELATIVE_PATH LIKE '%.metadata.json'
  ORDER BY LAST_MODIFIED DESC
  LIMIT 1;
  EXECUTE IMMEDIATE 'ALTER ICEBERG TABLE sales REFRESH ''' || newest || '''';
  RETURN newest;
END;
$$;
CREATE OR REPLACE TASK refresh_stage
  WAREHOUSE = compute_wh
  SCHEDULE = '2 MINUTES'
AS
  ALTER STAGE meta_sales REFRESH;
CREATE OR REPLACE TASK refresh_table
  WAREHOUSE = compute_wh
  AFTER refresh_stage
  WHEN SYSTEM$STREAM_HAS_DATA('changes_sales')
AS
  CALL refresh_sales();
ALTER TASK refresh_table RESUME;
ALTER TASK refresh_stage RESUME;
CALL refresh_sales();
SELECT 'sales' AS source, COUNT(*) AS row_count FROM sales
UNION ALL
SELECT 'stores', COUNT(*) FROM stores;
SELECT
  s.store_name,
  COUNT(DISTINCT t.txn_id) AS txn_count,
  SUM(t.total_amount) AS revenue
FROM sales t
JOIN stores s ON t.store_id = s.store_id
GROUP BY s.store_name
ORDER BY revenue DESC;
CREATE OR REPLACE WAREHOUSE cdc_wh
  WAREHOUSE_SIZE = 'xsmall'
  AUTO_SUSPEND = 60
  INITIALLY_SUSPENDED = TRUE;
CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.ADD_DATA_SOURCE('DS1', 'CDC_DEST');
CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.ADD_TABLES('DS1', 'raw_cdc', ARRAY_CONSTRUCT('customers', 'orders'));
SELECT * FROM SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.REPLICATION_STATE;
CREATE OR REPLACE DYNAMIC TABLE shop.lake.customer_summary
  TARGET_LAG = '1 minute'
  WAREHOUSE = cdc_wh
AS
  SELECT c."customer_id", COUNT(t."id") AS purchases
  FROM cdc_dest."raw_cdc"."customers" c
  JOIN cdc_dest."raw_cdc"."orders" t ON c."customer_id" = t."customer_id"
  GROUP BY c."customer_id";
