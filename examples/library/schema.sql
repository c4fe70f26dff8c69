-- SPDX-License-Identifier: Apache-2.0
CREATE SCHEMA IF NOT EXISTS lending;

CREATE TABLE lending.member (
    member_id  int PRIMARY KEY,
    name       text NOT NULL,
    born       date NOT NULL
);

CREATE TABLE lending.title (
    title_id   int PRIMARY KEY,
    name       text NOT NULL,
    shelf      text NOT NULL,
    fee        numeric(6, 2) NOT NULL
);

CREATE TABLE lending.loan (
    loan_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id  int NOT NULL REFERENCES lending.member,
    title_id   int NOT NULL REFERENCES lending.title,
    weeks      int NOT NULL,
    lent_at    timestamptz NOT NULL DEFAULT now(),
    returned   boolean NOT NULL DEFAULT false
);

INSERT INTO lending.member
SELECT i, 'Member ' || i, date '1940-01-01' + (i * 7919 % 25000) FROM generate_series(1, 500) i;
INSERT INTO lending.title
SELECT i, 'Title ' || i, (ARRAY['History', 'Novels', 'Poetry', 'Science'])[1 + i % 4], 0.5 + i % 7 FROM generate_series(1, 200) i;
INSERT INTO lending.loan (member_id, title_id, weeks)
SELECT 1 + i * 31 % 500, 1 + i * 17 % 200, 1 + i % 4 FROM generate_series(1, 5000) i;

CREATE PUBLICATION library FOR TABLE lending.member, lending.title, lending.loan;
