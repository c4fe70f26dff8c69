-- SPDX-License-Identifier: Apache-2.0
-- One export, in one transaction: what is marked on the heap is what arrives in the lake.
WITH fresh AS (
    UPDATE shop.receipt SET exported_at = now() WHERE exported_at IS NULL RETURNING *
)
INSERT INTO lake.receipt SELECT * FROM fresh;

WITH fresh AS (
    UPDATE shop.receipt_line SET exported_at = now() WHERE exported_at IS NULL RETURNING *
)
INSERT INTO lake.receipt_line SELECT * FROM fresh;
