-- SPDX-License-Identifier: Apache-2.0
CREATE SCHEMA IF NOT EXISTS library.reports;
CREATE OR REPLACE DYNAMIC TABLE library.reports.fees
    TARGET_LAG = '2 seconds'
    WAREHOUSE = COMPUTE_WH
AS
    SELECT t.shelf, YEAR(m.born) - YEAR(m.born) % 10 AS born_in, COUNT(*) AS loans, SUM(l.weeks * t.fee) AS fees
    FROM library."lending"."loan" l
    JOIN library."lending"."title" t ON t.title_id = l.title_id
    JOIN library."lending"."member" m ON m.member_id = l.member_id
    WHERE NOT l._snowflake_deleted
    GROUP BY t.shelf, born_in;
