-- SPDX-License-Identifier: Apache-2.0
-- Who may reach the bakery's PostgreSQL server, and where it keeps its lake tables.
CREATE DATABASE IF NOT EXISTS bakery_dw;
CREATE SCHEMA IF NOT EXISTS bakery_dw.access;

CREATE OR REPLACE NETWORK RULE bakery_dw.access.this_machine
    TYPE = IPV4 VALUE_LIST = ('127.0.0.0/8') MODE = POSTGRES_INGRESS;
CREATE NETWORK POLICY IF NOT EXISTS bakery_access
    ALLOWED_NETWORK_RULE_LIST = ('bakery_dw.access.this_machine');
ALTER POSTGRES INSTANCE $instance SET NETWORK_POLICY = 'bakery_access';

CREATE STORAGE INTEGRATION IF NOT EXISTS bakery_storage
    TYPE = POSTGRES_EXTERNAL_STORAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
    STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::000000000000:role/bakery'
    STORAGE_ALLOWED_LOCATIONS = ('s3://bakery/');
ALTER POSTGRES INSTANCE $instance SET STORAGE_INTEGRATION = bakery_storage;
