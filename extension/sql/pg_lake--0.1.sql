-- SPDX-License-Identifier: Apache-2.0
-- The tables and settings of this name belong to the extension tarn; requiring it is all that there is to do.
\echo Use "CREATE EXTENSION pg_lake CASCADE" to load this file. \quit
