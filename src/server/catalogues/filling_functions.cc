// SPDX-License-Identifier: Apache-2.0
#include "server/catalogues/catalogue_sql.h"

namespace tarn::server::catalogues {

std::string_view FillingFunctions() {
  return R"sql(
CREATE TABLE pg_catalog.tarn_key (relation oid, name name, type "char", columns int2[], referenced oid, referenced_columns int2[], constraint_oid oid, index_oid oid);

REVOKE ALL ON pg_catalog.tarn_key FROM PUBLIC;

CREATE FUNCTION pg_catalog.tarn_ids(text) RETURNS oid[] LANGUAGE sql IMMUTABLE AS $$
SELECT array_agg(id::oid) FROM json_array_elements_text($1::json) AS id $$;

CREATE FUNCTION pg_catalog.tarn_remove(text) RETURNS void LANGUAGE sql AS $$
DELETE FROM pg_class WHERE oid IN (SELECT index_oid FROM tarn_key WHERE relation = ANY (tarn_ids($1)));
DELETE FROM pg_attribute WHERE attrelid IN (SELECT index_oid FROM tarn_key WHERE relation = ANY (tarn_ids($1)));
DELETE FROM pg_index WHERE indrelid = ANY (tarn_ids($1));
DELETE FROM pg_constraint WHERE conrelid = ANY (tarn_ids($1));
DELETE FROM pg_description WHERE objoid = ANY (tarn_ids($1));
DELETE FROM pg_attrdef WHERE adrelid = ANY (tarn_ids($1));
DELETE FROM pg_attribute WHERE attrelid = ANY (tarn_ids($1));
DELETE FROM pg_class WHERE oid = ANY (tarn_ids($1));
DELETE FROM pg_proc WHERE oid = ANY (tarn_ids($1));
DELETE FROM pg_namespace WHERE oid = ANY (tarn_ids($1));
DELETE FROM pg_rewrite WHERE ev_class = ANY (tarn_ids($1));
DELETE FROM tarn_view WHERE oid = ANY (tarn_ids($1));
DELETE FROM tarn_key WHERE relation = ANY (tarn_ids($1)) $$;

CREATE FUNCTION pg_catalog.tarn_add_schemas(text) RETURNS void LANGUAGE sql AS $$
INSERT INTO pg_namespace (oid, nspname, nspowner, nspacl)
  SELECT id, name, owner, ARRAY[makeaclitem(0, owner, 'USAGE', false)] FROM json_to_recordset($1::json) AS s(id oid, name text, owner oid);
INSERT INTO pg_description (objoid, classoid, objsubid, description)
  SELECT id, 2615, 0, comment FROM json_to_recordset($1::json) AS s(id oid, comment text) WHERE comment <> '' $$;

CREATE FUNCTION pg_catalog.tarn_add_relations(text) RETURNS void LANGUAGE sql AS $$
INSERT INTO pg_class (oid, relname, relnamespace, reltype, reloftype, relowner, relam, relfilenode, reltablespace, relpages, reltuples, relallvisible,
    reltoastrelid, relhasindex, relisshared, relpersistence, relkind, relnatts, relchecks, relhasrules, relhastriggers, relhassubclass, relrowsecurity,
    relforcerowsecurity, relispopulated, relreplident, relispartition, relrewrite, relfrozenxid, relminmxid, relacl)
  SELECT id, name, schema, 0, 0, owner, CASE WHEN kind = 'r' THEN 2 ELSE 0 END, CASE WHEN kind = 'r' THEN id ELSE 0 END, 0, 0, -1, 0,
    0, json_array_length(keys) > 0, false, 'p', kind, json_array_length(columns), 0, kind = 'v', false, false, false,
    false, true, 'd', false, 0, '3', '1',
    ARRAY[CASE WHEN privileges = '' THEN makeaclitem(owner, owner, 'SELECT', false) ELSE makeaclitem(0, owner, privileges, false) END]
  FROM json_to_recordset($1::json) AS r(id oid, name text, schema oid, owner oid, kind "char", columns json, keys json, privileges text);
INSERT INTO pg_attribute (attrelid, attname, atttypid, attlen, attnum, attcacheoff, atttypmod, attndims, attbyval, attalign, attstorage, attcompression,
    attnotnull, atthasdef, atthasmissing, attidentity, attgenerated, attisdropped, attislocal, attinhcount, attcollation)
  SELECT r.id, c.name, t.oid, t.typlen, n, -1, c.typmod, 0, t.typbyval, t.typalign, t.typstorage, '',
    c.required, c.fallback IS NOT NULL, false, CASE WHEN c.identity THEN 'd' ELSE '' END::"char", '', false, true, 0, t.typcollation
  FROM json_to_recordset($1::json) AS r(id oid, columns json),
    ROWS FROM (json_to_recordset(r.columns) AS (name text, type oid, typmod int, required bool, fallback text, identity bool)) WITH ORDINALITY
      AS c(name, type, typmod, required, fallback, identity, n) JOIN pg_type t ON t.oid = c.type;
INSERT INTO pg_attrdef (oid, adrelid, adnum, adbin)
  SELECT pg_nextoid('pg_attrdef', 'oid', 'pg_attrdef_oid_index'), r.id, n, ('tarn:' || c.fallback)::pg_node_tree
  FROM json_to_recordset($1::json) AS r(id oid, columns json),
    ROWS FROM (json_to_recordset(r.columns) AS (fallback text)) WITH ORDINALITY AS c(fallback, n) WHERE c.fallback IS NOT NULL;
INSERT INTO pg_description (objoid, classoid, objsubid, description)
  SELECT r.id, 1259, n, c.comment FROM json_to_recordset($1::json) AS r(id oid, columns json),
    ROWS FROM (json_to_recordset(r.columns) AS (comment text)) WITH ORDINALITY AS c(comment, n) WHERE c.comment <> ''
  UNION ALL SELECT id, 1259, 0, comment FROM json_to_recordset($1::json) AS r(id oid, comment text) WHERE comment <> '';
INSERT INTO tarn_view SELECT id, definition FROM json_to_recordset($1::json) AS r(id oid, definition text) WHERE definition IS NOT NULL;
SELECT tarn_add_rules($1);
SELECT tarn_add_keys($1) $$;

-- What a view's rule looks like, with one column.
CREATE VIEW pg_catalog.tarn_shape AS SELECT NULL::int8 AS c WHERE pg_catalog.tarn_refuse();

REVOKE ALL ON pg_catalog.tarn_shape FROM PUBLIC;

-- PostgreSQL takes for granted that a view has its rule: it is that of a view with the same columns which cannot be read.
CREATE FUNCTION pg_catalog.tarn_add_rules(text) RETURNS void LANGUAGE sql AS $$
WITH shape AS MATERIALIZED (
  SELECT split_part(ev_action::text, '({TARGETENTRY', 1) AS beginning,
    '{TARGETENTRY' || split_part(split_part(ev_action::text, '({TARGETENTRY', 2), ') :override', 1) AS entry,
    ') :override' || split_part(ev_action::text, ') :override', 2) AS ending
  FROM pg_rewrite WHERE ev_class = (SELECT oid FROM pg_class WHERE relname = 'tarn_shape' AND relnamespace = 11)),
lists AS (
  SELECT r.id, string_agg(replace(replace(shape.entry, ':consttype 20 :consttypmod -1 :constcollid 0 :constlen 8 :constbyval true',
      format(':consttype %s :consttypmod %s :constcollid %s :constlen %s :constbyval %s', t.oid, c.typmod, t.typcollation, t.typlen,
        CASE WHEN t.typbyval THEN 'true' ELSE 'false' END)), ':resno 1 ', format(':resno %s ', n)), ' ' ORDER BY n) AS entries
  FROM shape, json_to_recordset($1::json) AS r(id oid, kind "char", columns json),
    ROWS FROM (json_to_recordset(r.columns) AS (type oid, typmod int)) WITH ORDINALITY AS c(type, typmod, n) JOIN pg_type t ON t.oid = c.type
  WHERE r.kind = 'v' GROUP BY r.id)
INSERT INTO pg_rewrite (oid, rulename, ev_class, ev_type, ev_enabled, is_instead, ev_qual, ev_action)
  SELECT pg_nextoid('pg_rewrite', 'oid', 'pg_rewrite_oid_index'), '_RETURN', lists.id, '1', 'O', true, '<>'::text::pg_node_tree,
    (shape.beginning || '(' || lists.entries || shape.ending)::pg_node_tree
  FROM shape, lists $$;

CREATE FUNCTION pg_catalog.tarn_add_keys(text) RETURNS void LANGUAGE sql AS $$
WITH k AS MATERIALIZED (
  SELECT r.id, r.schema, r.owner, k.name, k.type, k.columns, k.referenced, k.referenced_columns, pg_nextoid('pg_constraint', 'oid', 'pg_constraint_oid_index') AS constraint_oid,
    CASE WHEN k.type = 'f' THEN 0 ELSE pg_nextoid('pg_class', 'oid', 'pg_class_oid_index') END AS index_oid
  FROM json_to_recordset($1::json) AS r(id oid, schema oid, owner oid, keys json),
    json_to_recordset(r.keys) AS k(name text, type "char", columns int2[], referenced oid, referenced_columns int2[])
  WHERE array_length(k.columns, 1) > 0)
INSERT INTO tarn_key SELECT id, name, type, columns, COALESCE(referenced, 0), referenced_columns, constraint_oid, index_oid FROM k;
INSERT INTO pg_constraint (oid, conname, connamespace, contype, condeferrable, condeferred, convalidated, conrelid, contypid, conindid, conparentid,
    confrelid, confupdtype, confdeltype, confmatchtype, conislocal, coninhcount, connoinherit, conkey, confkey)
  SELECT k.constraint_oid, k.name, c.relnamespace, k.type, false, false, true, k.relation, 0, k.index_oid, 0,
    k.referenced, CASE WHEN k.type = 'f' THEN 'a' ELSE ' ' END::"char", CASE WHEN k.type = 'f' THEN 'a' ELSE ' ' END::"char",
    CASE WHEN k.type = 'f' THEN 's' ELSE ' ' END::"char", true, 0, true, k.columns, k.referenced_columns
  FROM tarn_key k JOIN pg_class c ON c.oid = k.relation WHERE k.relation IN (SELECT id FROM json_to_recordset($1::json) AS r(id oid));
INSERT INTO pg_class (oid, relname, relnamespace, reltype, reloftype, relowner, relam, relfilenode, reltablespace, relpages, reltuples, relallvisible,
    reltoastrelid, relhasindex, relisshared, relpersistence, relkind, relnatts, relchecks, relhasrules, relhastriggers, relhassubclass, relrowsecurity,
    relforcerowsecurity, relispopulated, relreplident, relispartition, relrewrite, relfrozenxid, relminmxid)
  SELECT k.index_oid, CASE WHEN EXISTS (SELECT FROM pg_class o WHERE o.relnamespace = c.relnamespace AND o.relname = k.name)
        OR k.index_oid <> (SELECT min(o.index_oid) FROM tarn_key o JOIN pg_class oc ON oc.oid = o.relation
                           WHERE o.name = k.name AND o.index_oid <> 0 AND oc.relnamespace = c.relnamespace)
      THEN left(k.name::text, 12) || '~' || k.index_oid ELSE k.name::text END,
    c.relnamespace, 0, 0, c.relowner, 403, k.index_oid, 0, 0, -1, 0,
    0, false, false, 'p', 'i', array_length(k.columns, 1), 0, false, false, false, false, false, true, 'n', false, 0, '0', '0'
  FROM tarn_key k JOIN pg_class c ON c.oid = k.relation
  WHERE k.index_oid <> 0 AND k.relation IN (SELECT id FROM json_to_recordset($1::json) AS r(id oid));
INSERT INTO pg_attribute (attrelid, attname, atttypid, attlen, attnum, attcacheoff, atttypmod, attndims, attbyval, attalign, attstorage, attcompression,
    attnotnull, atthasdef, atthasmissing, attidentity, attgenerated, attisdropped, attislocal, attinhcount, attcollation)
  SELECT k.index_oid, a.attname, a.atttypid, a.attlen, c.n, -1, a.atttypmod, 0, a.attbyval, a.attalign, a.attstorage, '',
    false, false, false, '', '', false, true, 0, a.attcollation
  FROM tarn_key k, unnest(k.columns) WITH ORDINALITY AS c(attnum, n), pg_attribute a
  WHERE a.attrelid = k.relation AND a.attnum = c.attnum AND k.index_oid <> 0 AND k.relation IN (SELECT id FROM json_to_recordset($1::json) AS r(id oid));
INSERT INTO pg_index (indexrelid, indrelid, indnatts, indnkeyatts, indisunique, indnullsnotdistinct, indisprimary, indisexclusion, indimmediate,
    indisclustered, indisvalid, indcheckxmin, indisready, indislive, indisreplident, indkey, indcollation, indclass, indoption)
  SELECT k.index_oid, k.relation, array_length(k.columns, 1), array_length(k.columns, 1), true, false, k.type = 'p', false, true,
    false, true, false, true, true, false, array_to_string(k.columns, ' ')::int2vector, p.collations::oidvector, p.classes::oidvector, p.options::int2vector
  FROM tarn_key k, LATERAL (
    SELECT string_agg(a.attcollation::text, ' ' ORDER BY c.n) AS collations, string_agg('0', ' ') AS options,
      string_agg(COALESCE(o.oid, 3126)::text, ' ' ORDER BY c.n) AS classes
    FROM unnest(k.columns) WITH ORDINALITY AS c(attnum, n) JOIN pg_attribute a ON a.attrelid = k.relation AND a.attnum = c.attnum
      LEFT JOIN pg_opclass o ON o.opcmethod = 403 AND o.opcdefault AND o.opcintype = CASE WHEN a.atttypid = 1043 THEN 25 ELSE a.atttypid END) AS p
  WHERE k.index_oid <> 0 AND k.relation IN (SELECT id FROM json_to_recordset($1::json) AS r(id oid)) $$;

CREATE FUNCTION pg_catalog.tarn_add_routines(text) RETURNS void LANGUAGE sql AS $$
INSERT INTO pg_proc (oid, proname, pronamespace, proowner, prolang, procost, prorows, provariadic, prosupport, prokind, prosecdef, proleakproof, proisstrict,
    proretset, provolatile, proparallel, pronargs, pronargdefaults, prorettype, proargtypes, proallargtypes, proargmodes, proargnames, prosrc, proacl)
  SELECT id, name, schema, owner, l.oid, 100, CASE WHEN gives_rows THEN 1000 ELSE 0 END, 0, 0, kind, false, false, strict,
    gives_rows, 'v', 'u', arguments, 0, returns, array_to_string(types[1:arguments], ' ')::oidvector,
    CASE WHEN gives_rows THEN types END,
    CASE WHEN gives_rows THEN array_fill('i'::"char", ARRAY[arguments]) || array_fill('t'::"char", ARRAY[cardinality(types) - arguments]) END,
    CASE WHEN cardinality(types) > 0 THEN names END, body, ARRAY[makeaclitem(owner, owner, 'EXECUTE', false)]
  FROM json_to_recordset($1::json) AS r(id oid, name text, schema oid, owner oid, kind "char", language text, strict bool, gives_rows bool, returns oid,
    arguments int, types oid[], names text[], body text) JOIN pg_language l ON l.lanname = r.language;
INSERT INTO pg_description (objoid, classoid, objsubid, description)
  SELECT id, 1255, 0, comment FROM json_to_recordset($1::json) AS r(id oid, comment text) WHERE comment <> '' $$;

CREATE FUNCTION pg_catalog.tarn_set_databases(text) RETURNS void LANGUAGE sql AS $$
DELETE FROM tarn_database;
INSERT INTO tarn_database SELECT id, name, owner, NULLIF(comment, '') FROM json_to_recordset($1::json) AS d(id oid, name text, owner oid, comment text) $$;

CREATE FUNCTION pg_catalog.tarn_set_principals(text) RETURNS void LANGUAGE sql AS $$
DELETE FROM pg_authid WHERE oid >= 16384;
INSERT INTO pg_authid (oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit)
  SELECT id, name, false, true, false, false, login, false, false, -1 FROM json_to_recordset($1::json) AS p(id oid, name text, login bool) $$;

)sql";
}

}  // namespace tarn::server::catalogues
