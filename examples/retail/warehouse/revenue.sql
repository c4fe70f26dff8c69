-- SPDX-License-Identifier: Apache-2.0
SELECT b.town, COUNT(DISTINCT r.receipt_id) AS receipts, SUM(r.total) AS revenue
FROM receipt r
JOIN branch b ON r.branch_id = b.branch_id
GROUP BY b.town
ORDER BY revenue DESC;
