-- SPDX-License-Identifier: Apache-2.0
SELECT 1, .5, 1., 1.5e-3, 2E+10, 0.10, 12345678901234567890123456789012345678;
SELECT 'it''s', 'a\tb\\c', '\101\x41\u0041\z', $$raw \n 'text'$$, X'0aFF', '';
SELECT NULL, TRUE, false, DATE '2024-02-29', TIME '10:00:00', TIMESTAMP_NTZ '2024-01-01 00:00:00', timestamp '2024-01-01';
SELECT a + b * c - d / e % f || g, (a + b) * c, a - (b - c), a - b - c, -a * -b, - - a, -(-1), +a;
SELECT NOT a AND b OR NOT (c OR d), NOT NOT a, (a AND b) OR (c AND d), a AND (b OR c), a OR b OR c AND d AND e;
SELECT a = b, a <> b, a != b, a < b, a <= b, a > b, a >= b, (a = b) = c, a = (b = c), a < b = c;
SELECT a IS NULL, a IS NOT NULL, a IS TRUE, a IS NOT FALSE, a IS DISTINCT FROM b + 1, a IS NOT DISTINCT FROM NULL;
SELECT a BETWEEN 1 AND 2 AND b NOT BETWEEN c - 1 AND c + 1, a IN (1, 2, 3), a NOT IN ('x'), (a, b) IN ((1, 2), (3, 4));
SELECT a LIKE 'x%', a NOT LIKE 'x!%' ESCAPE '!', a ILIKE b || '%', a LIKE ANY ('x%', '%y'), a NOT ILIKE ANY ('a', 'b') ESCAPE '^', a LIKE ALL ('a%', '%b'), a RLIKE '[a-z]+', a NOT REGEXP 'x.*';
SELECT a IN (SELECT x FROM t), a NOT IN ((SELECT 1) UNION (SELECT 2)), EXISTS (SELECT 1), NOT EXISTS (SELECT 1 FROM t), a = ANY (SELECT x FROM t), a > ALL (SELECT x FROM t), a <> SOME (SELECT 1), (SELECT MAX(x) FROM t) + 1;
SELECT CASE WHEN a THEN 1 END, CASE a WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'many' END, CASE WHEN a IS NULL THEN CASE WHEN b THEN 1 ELSE 2 END ELSE 3 END;
SELECT CAST(a AS NUMBER(10, 2)), TRY_CAST('x' AS INT), a::VARCHAR(10)::VARIANT, -1::INT, (-1)::INT, (a + b)::FLOAT, a::TIMESTAMP_TZ(3), a::DOUBLE PRECISION, a::TIMESTAMP WITH TIME ZONE, a::CHAR VARYING(3);
SELECT CAST(a AS ARRAY(NUMBER NOT NULL)), a::MAP(VARCHAR, INT NOT NULL), a::OBJECT(x INT, "Y z" VARCHAR(3) NOT NULL), a::VECTOR(FLOAT, 256), CAST(o AS OBJECT(a INT) RENAME FIELDS ADD FIELDS), a::OBJECT(), a::ARRAY;
SELECT a COLLATE 'en-ci', a COLLATE 'de' = b, COLLATE(a, 'en'), 'x' COLLATE 'utf8' || 'y';
SELECT EXTRACT(year FROM d), EXTRACT('month' FROM d), DATE_PART(day, d), POSITION('a' IN b), POSITION('a', b), POSITION('a', b, 2), DATEADD(day, -1, d), d + INTERVAL '1 day, 2 hours', d - INTERVAL '1-2' YEAR TO MONTH, INTERVAL '3' DAY(2) TO SECOND(6);
SELECT src:a, src:a.b.c, src:a[0].b, src['K'], src[0], src:"odd key"."another", src:a:b > 0, src:a::INT, t.src:a[1 + 1]['x'], $1:a.b, PARSE_JSON(x):a, (src:a):b, src[0]:b, src:select.from;
SELECT [1, 'a', NULL], [], {}, {'a': 1, 'b': [1, {'c': 2}]}, {*}, {t.* EXCLUDE (c)}, {* ILIKE 'a%'}, [1, 2][0], {'a': 1}['a'], {'a': 1}:a;
SELECT f(), f(1, 'x'), db.schema.f(a), f(a => 1, b => 'x'), f(DISTINCT a, b), COUNT(*), COUNT(t.*), COUNT(DISTINCT a), HASH(*), OBJECT_CONSTRUCT(*), OBJECT_CONSTRUCT('a', 1, 'b', NULL), f(* EXCLUDE c);
SELECT LISTAGG(a, ',') WITHIN GROUP (ORDER BY a DESC NULLS LAST, b), PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x) OVER (PARTITION BY y), ARRAY_AGG(DISTINCT x) WITHIN GROUP (ORDER BY x);
SELECT ROW_NUMBER() OVER (ORDER BY a), SUM(x) OVER (PARTITION BY a, b ORDER BY c DESC NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), SUM(x) OVER (), AVG(x) OVER (ORDER BY t RANGE BETWEEN INTERVAL '1 day' PRECEDING AND 2 + 1 FOLLOWING), MAX(x) OVER w, MIN(x) OVER (w ORDER BY z), COUNT(*) OVER (ORDER BY a ROWS 5 PRECEDING) FROM t WINDOW w AS (PARTITION BY a), v AS (ORDER BY b);
SELECT FIRST_VALUE(x) IGNORE NULLS OVER (ORDER BY y), LAG(x, 1, 0) RESPECT NULLS OVER (ORDER BY y), LEAD(x IGNORE NULLS) OVER (ORDER BY y), NTH_VALUE(x, 2) FROM LAST IGNORE NULLS OVER (ORDER BY y), NTH_VALUE(x, 2) FROM FIRST OVER (ORDER BY y);
SELECT TRANSFORM(a, x -> x + 1), FILTER(a, x INT -> x > 0), REDUCE(a, 0, (acc, x) -> acc + x), REDUCE(a, 0, (acc NUMBER(38, 0), x NUMBER(38, 0)) -> acc + x), TRANSFORM(a, (x) -> TRANSFORM(x, y -> y * 2));
SELECT CURRENT_DATE, CURRENT_TIMESTAMP, current_timestamp(3), CURRENT_USER, LOCALTIME, CURRENT_WAREHOUSE(), SYSTEM$TYPEOF(1), seq.NEXTVAL, s.t.seq.nextval;
SELECT $v, $1, t.$2, ?, :1, :name, :"Quoted", :row.field, IDENTIFIER('a'), IDENTIFIER($f)(1), IDENTIFIER(:x), model!PREDICT(a, b => 1), db.s.model!fit();
SELECT INSERT('abc', 1, 2, 'Z'), LEFT(a, 2), RIGHT(a, 2), REPLACE(a, 'x'), RLIKE(a, 'b'), REGEXP(a, 'b'), LIKE(a, 'b'), ILIKE(a, 'b'), IFF(a > 1, 'x', 'y'), TRIM(a), CHAR(65), DATE(a), TIME(a), TIMESTAMP(a);
SELECT f(** [1, 2]), a IN (** [1, 2]), BUILD_SCOPED_FILE_URL(@st, 'a/b.txt'), GET_STAGE_LOCATION(@db.s."My Stage"), f(TABLE(t)), f(TABLE(SELECT 1));
SELECT "quoted", "Mixed Case", "with ""quotes""", "UPPER", t."c", "t".c, "SELECT", "CURRENT_DATE", "PRIOR", "DATE", _a$1 FROM t;
SELECT "ünïcödé", 'héllo wörld ✓', '日本語';
SELECT a -- comment
, b // another one
, /* not /* nested */ c FROM t;
SELECT date, time, timestamp, value, key, type, name, index, first, last, limit_, interval_ FROM t;
SELECT (1), ((1)), (((SELECT 1))), ((SELECT 1) UNION ALL (SELECT 2)), ((SELECT 1) ORDER BY 1 LIMIT 1), (a, b) = (1, 2);
SELECT GREATEST_IGNORE_NULLS(1, 2), EQUAL_NULL(a, b), a = 1 AND b = 2 AND c = 3 OR d = 4 OR e = 5 AND NOT f = 6, a IS NULL IS NOT NULL, a IN (1) IN (TRUE), - a IS NULL, NOT a IS NULL;
SELECT a, b, FROM t;
