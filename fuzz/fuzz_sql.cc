// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>

#include "fuzz/target.h"
#include "sql/syntax/dump.h"
#include "sql/syntax/parser.h"
#include "sql/syntax/print.h"
#include "sql/syntax/script.h"

std::vector<std::string> SeedInputs() {
  return {
      "SELECT a.b:c[0]::INT, COUNT(DISTINCT x) OVER (PARTITION BY y ORDER BY z ROWS 1 PRECEDING) "
      "FROM t AT (OFFSET => -1) "
      "AS u JOIN (SELECT 1 UNION ALL SELECT 2) v USING (k) WHERE a IN (1, 'x') AND NOT b LIKE ANY "
      "('a%') GROUP BY ALL",
      "WITH RECURSIVE c (n) AS (SELECT 1) SELECT * EXCLUDE (a) RENAME b AS \"c d\" FROM c, LATERAL "
      "FLATTEN(INPUT => {'k': [1]}) f "
      "PIVOT (SUM(a) FOR b IN (ANY)) QUALIFY x -> 1 ORDER BY ALL LIMIT 1 OFFSET 2",
      "MERGE INTO t USING s ON t.a = s.a(+) WHEN MATCHED AND x THEN UPDATE SET a = DEFAULT WHEN "
      "NOT MATCHED THEN INSERT (a) VALUES (1)",
      "CREATE OR REPLACE DYNAMIC TABLE t (a INT NOT NULL DEFAULT 1 COMMENT 'x', PRIMARY KEY (a)) "
      "TARGET_LAG = '1 minute' WAREHOUSE = w "
      "CLUSTER BY (a) TAG (x = 'y') AS SELECT 1",
      "CREATE STAGE s URL = 's3://b/p/' DIRECTORY = (ENABLE = TRUE) FILE_FORMAT = (TYPE = CSV "
      "NULL_IF = ('a', '')); COPY INTO t FROM @s/p",
      "DECLARE c CURSOR FOR SELECT 1; r RESULTSET := (SHOW TABLES); e EXCEPTION (-20001, 'x'); "
      "BEGIN FOR i IN 1 TO 2 DO LET x := :i; "
      "IF (x > 1) THEN RAISE e; ELSE NULL; END IF; END FOR; EXCEPTION WHEN OTHER THEN RETURN "
      "TABLE(r); END;",
      "ALTER TABLE t ALTER COLUMN a SET DATA TYPE VARCHAR(2), COLUMN b DROP NOT NULL; GRANT SELECT "
      "ON ALL TABLES IN SCHEMA s TO ROLE r",
      "CREATE PROCEDURE p(a INT) RETURNS TABLE (x INT) LANGUAGE SQL AS $$ BEGIN RETURN 1; END $$; "
      "PUT file:///a/b @~/x; SET (a, b) = (1, $c)",
  };
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tarn::sql::syntax;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)ParseBody(text);
  (void)ParseExpression(text);
  const auto statements = SplitScript(text);
  if (!statements) return 0;
  for (const Span span : *statements) {
    const auto tree = ParseStatement(TextOf(text, span));
    if (!tree) continue;
    const std::string printed = Print(*tree);
    const auto again = ParseStatement(printed);
    if (!again || Dump(*again) != Dump(*tree)) {
      std::fprintf(stderr, "does not survive the printer: %s\n", printed.c_str());
      std::abort();
    }
  }
  return 0;
}
