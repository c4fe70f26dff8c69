-- SPDX-License-Identifier: Apache-2.0
BEGIN
  RETURN 1;
END;

DECLARE
  a INT;
  b VARCHAR DEFAULT 'x';
  c NUMBER(10, 2) := 1.5;
  d DEFAULT 3;
  e := a + 1;
  cur CURSOR FOR SELECT a FROM t WHERE b = ?;
  cur2 CURSOR FOR rs;
  cur3 CURSOR FOR (SELECT 1);
  rs RESULTSET;
  rs2 RESULTSET DEFAULT (SELECT a FROM t);
  rs3 RESULTSET := ASYNC (SHOW TABLES);
  my_error EXCEPTION (-20001, 'it''s wrong');
  other_error EXCEPTION;
BEGIN
  LET x := 1;
  LET y INT := x + 1;
  LET z VARCHAR DEFAULT 'a';
  LET w DATE;
  LET r RESULTSET := (SELECT * FROM t);
  LET k CURSOR FOR r;
  a := a + 1;
  rs := (SELECT 1);
  rs := (SHOW TABLES);
  rs := ASYNC (SELECT 2);
  rs := (EXECUTE IMMEDIATE :q USING (a, b));
  rec.field := 3;
  SELECT COUNT(*), MAX(b) INTO :a, :b FROM t;
  INSERT INTO t VALUES (:a, :b);
  IF (a > 1) THEN
    RETURN 'big';
  ELSEIF (a = 1 AND b = 'x') THEN
    NULL;
  ELSE
    b := 'y';
  END IF;
  IF (a IS NULL) THEN RAISE my_error; END IF;
  CASE (a)
    WHEN 1 THEN RETURN 1;
    WHEN 2 THEN b := CASE WHEN c > 1 THEN 'p' ELSE 'q' END;
    ELSE RETURN 3;
  END CASE;
  CASE WHEN a = 1 THEN RETURN 1; END;
  FOR i IN 1 TO 10 DO
    a := a + i;
    IF (a > 20) THEN BREAK; END IF;
    CONTINUE;
  END FOR;
  FOR i IN REVERSE 1 TO :a LOOP
    EXIT outer_loop;
  END LOOP outer_loop;
  FOR r IN cur DO
    a := r.x + 1;
    FOR q IN (SELECT * FROM u WHERE u.a = :a) DO
      ITERATE;
    END FOR;
  END FOR rows_loop;
  FOR r IN (SHOW TABLES) DO NULL; END FOR;
  WHILE (a < 10) DO
    a := a + 1;
  END WHILE w1;
  WHILE (a < 20) LOOP
    a := a + 1;
  END LOOP;
  REPEAT
    a := a - 1;
  UNTIL (a <= 0) END REPEAT;
  LOOP
    BREAK done;
  END LOOP done;
  OPEN cur USING (1);
  OPEN cur2;
  FETCH cur INTO a, b;
  CLOSE cur;
  ASYNC (INSERT INTO t VALUES (1));
  ASYNC (CALL p());
  AWAIT rs;
  AWAIT ALL;
  CANCEL rs;
  BEGIN TRANSACTION;
  COMMIT;
  BEGIN
    LET inner_v := 1;
    BEGIN;
    ROLLBACK;
  EXCEPTION
    WHEN my_error OR other_error THEN
      RAISE;
    WHEN OTHER EXIT THEN
      RETURN SQLERRM;
  END;
  EXECUTE IMMEDIATE 'SELECT ' || a;
  CALL p(:a) INTO :b;
  CREATE OR REPLACE TEMPORARY TABLE x AS SELECT :a AS a;
  RETURN TABLE(rs);
EXCEPTION
  WHEN STATEMENT_ERROR CONTINUE THEN
    INSERT INTO log VALUES (:SQLERRM);
  WHEN OTHER THEN
    RETURN OBJECT_CONSTRUCT('code', SQLCODE, 'state', SQLSTATE);
END;

BEGIN
END;

BEGIN
  RETURN;
END;

EXECUTE IMMEDIATE $$
BEGIN
  RETURN 1;
END;
$$;

BEGIN
  LET end_date := CURRENT_DATE();
  LET "Quoted" := (SELECT MAX(a) FROM t);
  LET res RESULTSET := (CALL p());
  RETURN :"Quoted" || end_date;
END;
