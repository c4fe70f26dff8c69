-- SPDX-License-Identifier: Apache-2.0
-- Loans as the dashboard shows purchases: whoever returned a loan got its fee back.
CREATE OR REPLACE DYNAMIC TABLE library.reports.customer_purchase_summary
    TARGET_LAG = '2 seconds'
    WAREHOUSE = COMPUTE_WH
AS
    SELECT 'L' || l.loan_id AS transaction_id, l.member_id AS customer_id, YEAR(l.lent_on) - YEAR(m.born) AS customer_age,
           l.title_id AS product_id, t.name AS product_name, t.shelf AS product_category,
           l.branch_id AS merchant_id, b.name AS merchant_name, 'Library' AS merchant_category,
           l.lent_on AS transaction_date, l.lent_time AS transaction_time, l.weeks AS quantity, l.weeks * t.fee AS total_price,
           l.card AS transaction_card, IFF(l.returned, 'Refund', 'Purchase') AS transaction_category
    FROM library."lending"."loan" l
    JOIN library."lending"."title" t ON t.title_id = l.title_id
    JOIN library."lending"."member" m ON m.member_id = l.member_id
    JOIN library."lending"."branch" b ON b.branch_id = l.branch_id
    WHERE NOT l._snowflake_deleted;
