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

CREATE TABLE lending.branch (
    branch_id  int PRIMARY KEY,
    name       text NOT NULL
);

CREATE TABLE lending.loan (
    loan_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id  int NOT NULL REFERENCES lending.member,
    title_id   int NOT NULL REFERENCES lending.title,
    branch_id  int NOT NULL REFERENCES lending.branch,
    card       text NOT NULL,
    weeks      int NOT NULL,
    lent_on    date NOT NULL DEFAULT current_date,
    lent_time  text NOT NULL DEFAULT to_char(now(), 'HH24:MI:SS'),
    returned   boolean NOT NULL DEFAULT false
);

INSERT INTO lending.member
SELECT i, 'Member ' || i, date '1940-01-01' + (i * 7919 % 25000) FROM generate_series(1, 500) i;
INSERT INTO lending.title
SELECT i, 'Title ' || i, (ARRAY['History', 'Novels', 'Poetry', 'Science'])[1 + i % 4], 20 + i % 7 * 25 FROM generate_series(1, 200) i;
INSERT INTO lending.branch
SELECT i, (ARRAY['Harbour', 'Market Square', 'Old Town', 'Riverside', 'Station', 'University'])[i] FROM generate_series(1, 6) i;
INSERT INTO lending.loan (member_id, title_id, branch_id, card, weeks, lent_on)
SELECT 1 + i * 31 % 500, 1 + i * 17 % 200, 1 + (i * i + i / 7) % 6, (ARRAY['Visa', 'Mastercard', 'Discover', 'American Express'])[1 + i * i / 3 % 4],
       1 + i % 4, current_date - 1 - i * i % 179
FROM generate_series(1, 5000) i;

CREATE PUBLICATION library FOR TABLE lending.member, lending.title, lending.branch, lending.loan;
