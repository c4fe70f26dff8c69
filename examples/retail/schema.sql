-- SPDX-License-Identifier: Apache-2.0
-- A bakery chain: what it works with (schema shop, heap) and what it analyses (schema lake, Iceberg).
CREATE EXTENSION IF NOT EXISTS pg_lake CASCADE;

-- The bucket that the storage integration allows, in this session and in all others.
ALTER DATABASE postgres SET pg_lake_iceberg.default_location_prefix = 's3://bakery/';
SET pg_lake_iceberg.default_location_prefix = 's3://bakery/';

CREATE SCHEMA shop;

CREATE TABLE shop.branch (
    branch_id   int PRIMARY KEY,
    name        text NOT NULL,
    town        text NOT NULL,
    opened_on   date NOT NULL
);

CREATE TABLE shop.article (
    article_id  int PRIMARY KEY,
    name        text NOT NULL,
    article_group text NOT NULL,
    price       numeric(8,2) NOT NULL CHECK (price > 0),
    weight_g    int
);

CREATE TABLE shop.member (
    member_id   int PRIMARY KEY,
    name        text NOT NULL,
    joined_on   date NOT NULL,
    discount    numeric(3,2) NOT NULL DEFAULT 0
);

CREATE TABLE shop.receipt (
    receipt_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    branch_id   int NOT NULL REFERENCES shop.branch,
    member_id   int REFERENCES shop.member,
    sold_at     timestamptz NOT NULL,
    paid_in     text NOT NULL,
    total       numeric(10,2) NOT NULL,
    exported_at timestamptz
);

CREATE TABLE shop.receipt_line (
    receipt_id  bigint NOT NULL REFERENCES shop.receipt,
    line_no     int NOT NULL,
    article_id  int NOT NULL REFERENCES shop.article,
    pieces      int NOT NULL,
    amount      numeric(10,2) NOT NULL,
    exported_at timestamptz,
    PRIMARY KEY (receipt_id, line_no)
);

CREATE INDEX ON shop.receipt (receipt_id) WHERE exported_at IS NULL;
CREATE INDEX ON shop.receipt_line (receipt_id) WHERE exported_at IS NULL;

INSERT INTO shop.branch VALUES
    (1, 'Harbour', 'Kiel', '2009-04-01'),
    (2, 'Market', 'Lübeck', '2011-09-15'),
    (3, 'Station', 'Hamburg', '2015-02-02'),
    (4, 'Mill', 'Eutin', '2019-06-20');

INSERT INTO shop.article VALUES
    (1, 'rye loaf', 'bread', 4.20, 1000), (2, 'spelt loaf', 'bread', 4.90, 750),
    (3, 'baguette', 'bread', 2.10, 250), (4, 'poppy roll', 'rolls', 0.65, 60),
    (5, 'pretzel', 'rolls', 0.95, 85), (6, 'raisin bun', 'rolls', 1.10, 90),
    (7, 'apple pie', 'cake', 3.40, 180), (8, 'cheesecake', 'cake', 3.80, 170),
    (9, 'cinnamon snail', 'cake', 2.30, 120), (10, 'coffee', 'drinks', 2.60, NULL),
    (11, 'cocoa', 'drinks', 2.90, NULL), (12, 'apple juice', 'drinks', 2.20, NULL);

INSERT INTO shop.member
    SELECT i, 'member ' || i, date '2020-01-01' + (i * 37) % 2000, CASE WHEN i % 5 = 0 THEN 0.05 ELSE 0 END
    FROM generate_series(1, 200) i;

-- The lake: real tables, with a storage of another kind.
CREATE SCHEMA lake;

CREATE TABLE lake.branch USING iceberg AS TABLE shop.branch;
CREATE TABLE lake.article USING iceberg AS TABLE shop.article;
CREATE TABLE lake.member USING iceberg AS TABLE shop.member;

CREATE TABLE lake.receipt (
    receipt_id  bigint,
    branch_id   int,
    member_id   int,
    sold_at     timestamptz,
    paid_in     text,
    total       numeric(10,2),
    exported_at timestamptz
) USING iceberg;

CREATE TABLE lake.receipt_line (
    receipt_id  bigint,
    line_no     int,
    article_id  int,
    pieces      int,
    amount      numeric(10,2),
    exported_at timestamptz
) USING iceberg;
