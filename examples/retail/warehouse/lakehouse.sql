-- SPDX-License-Identifier: Apache-2.0
-- The warehouse's side: the same files, registered once. Nothing is copied.
CREATE EXTERNAL VOLUME IF NOT EXISTS bakery_volume
    STORAGE_LOCATIONS = ((NAME = 'here' STORAGE_PROVIDER = 'S3' STORAGE_BASE_URL = 's3://bakery/'
                          STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::000000000000:role/bakery'));
CREATE CATALOG INTEGRATION IF NOT EXISTS bakery_files
    CATALOG_SOURCE = OBJECT_STORE TABLE_FORMAT = ICEBERG ENABLED = TRUE;
CREATE STORAGE INTEGRATION IF NOT EXISTS bakery_stages
    TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
    STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::000000000000:role/bakery'
    STORAGE_ALLOWED_LOCATIONS = ('s3://bakery/');
CREATE SCHEMA IF NOT EXISTS bakery_dw.lake;
