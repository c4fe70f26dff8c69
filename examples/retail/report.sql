-- SPDX-License-Identifier: Apache-2.0
SELECT b.town, a.article_group, count(DISTINCT l.receipt_id) AS receipts, sum(l.pieces) AS pieces,
       sum(l.amount) AS revenue
FROM lake.receipt_line l
JOIN lake.receipt r USING (receipt_id)
JOIN lake.branch b USING (branch_id)
JOIN lake.article a USING (article_id)
GROUP BY b.town, a.article_group
ORDER BY revenue DESC
LIMIT 8
