// SPDX-License-Identifier: Apache-2.0
// Snowflake's Node.js driver, unchanged. Expected values: its documentation and that of Snowflake's types.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { close, DATABASE, execute, open, query } from "./server.mjs";

let connection;

before(async () => {
  const first = await open();
  await query(first, `CREATE OR REPLACE DATABASE ${DATABASE}`);
  await close(first);
  connection = await open({ database: DATABASE, schema: "PUBLIC", timezone: "UTC" });
  await query(connection, "ALTER SESSION SET TIMEZONE = 'UTC'");
});

after(async () => {
  await query(connection, `DROP DATABASE ${DATABASE}`);
  await close(connection);
});

test("the session is what was asked for", async () => {
  assert.deepEqual(await query(connection, "SELECT CURRENT_DATABASE() AS d, CURRENT_SCHEMA() AS s"), [
    { D: DATABASE, S: "PUBLIC" },
  ]);
  assert.ok(connection.isUp());
  assert.equal(await connection.isValidAsync(), true);
});

test("files are put and got", async () => {
  const directory = await mkdtemp(join(tmpdir(), "tarn-node-"));
  try {
    await writeFile(join(directory, "a.csv"), "1,x\n");
    await query(connection, "CREATE OR REPLACE STAGE node_files");
    await query(connection, `PUT file://${directory}/a.csv @node_files AUTO_COMPRESS = FALSE`);
    await query(connection, "CREATE OR REPLACE TABLE node_loaded (n INT, s VARCHAR)");
    await query(connection, "COPY INTO node_loaded FROM @node_files");
    assert.deepEqual(await query(connection, "SELECT * FROM node_loaded"), [{ N: 1, S: "x" }]);
    await mkdir(join(directory, "back"));
    await query(connection, `GET @node_files file://${directory}/back`);
    assert.equal(await readFile(join(directory, "back", "a.csv"), "utf8"), "1,x\n");
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("a wrong password is told", async () => {
  await assert.rejects(open({ password: "wrong" }), (failure) => {
    assert.match(failure.message, /Incorrect username or password was specified/);
    assert.equal(failure.code, "390100");
    return true;
  });
});

test("values of every type", async () => {
  const { statement, rows } = await execute(
    connection,
    "SELECT 42 AS whole, 12.34::NUMBER(10, 2) AS exact, 1.5::FLOAT AS \"double\", 'é€😀' AS word, TRUE AS truth, " +
      "TO_BINARY('00FF', 'HEX') AS bytes, '2024-02-29'::DATE AS day, " +
      "'2024-01-01 01:02:03.123456'::TIMESTAMP_NTZ(6) AS ntz, '2024-01-01 01:02:03.5'::TIMESTAMP_LTZ(3) AS ltz, " +
      "'1969-12-31 23:59:59.5 +02:00'::TIMESTAMP_TZ(9) AS tz, '12:34:56'::TIME(0) AS clock, NULL::VARCHAR AS nothing, " +
      "PARSE_JSON('{\"a\": [1, null]}') AS value, ARRAY_CONSTRUCT(1, 'x') AS list",
  );
  const [row] = rows;
  assert.equal(row.WHOLE, 42);
  assert.equal(row.EXACT, 12.34);
  assert.equal(row.double, 1.5);
  assert.equal(row.WORD, "é€😀");
  assert.equal(row.TRUTH, true);
  assert.equal(Buffer.from(row.BYTES).toString("hex"), "00ff");
  assert.equal(row.DAY.toISOString().slice(0, 10), "2024-02-29");
  assert.equal(row.NTZ.toISOString(), "2024-01-01T01:02:03.123Z");
  assert.equal(row.NTZ.getNanoSeconds(), 123456000);
  assert.equal(row.LTZ.toISOString(), "2024-01-01T01:02:03.500Z");
  assert.equal(row.TZ.toISOString(), "1969-12-31T21:59:59.500Z");
  assert.equal(row.CLOCK, "12:34:56");
  assert.equal(row.NOTHING, null);
  assert.deepEqual(row.VALUE, { a: [1, null] });
  assert.deepEqual(row.LIST, [1, "x"]);
  const types = statement.getColumns().map((column) => column.getType());
  assert.deepEqual(types.slice(0, 7), ["fixed", "fixed", "real", "text", "boolean", "binary", "date"]);
});

test("bound values, one row and many", async () => {
  await query(
    connection,
    "CREATE OR REPLACE TABLE bound (n INT, f FLOAT, s VARCHAR, b BOOLEAN, ts TIMESTAMP_NTZ(3), x BINARY)",
  );
  const moment = new Date("2024-02-29T10:34:56.123Z");
  const insert = "INSERT INTO bound VALUES (?, ?, ?, ?, ?, TO_BINARY(?, 'HEX'))";
  const one = await execute(connection, insert, { binds: [1, 0.1, "it's \\ 'x'", true, moment.toISOString(), "00FF"] });
  assert.equal(one.statement.getNumUpdatedRows(), 1);
  await execute(connection, "INSERT INTO bound (n, s) VALUES (?, ?)", { binds: [null, null] });
  assert.deepEqual(await query(connection, "SELECT s, b, ts::VARCHAR AS ts FROM bound WHERE f = :1 AND n = :2", [0.1, 1]), [
    { S: "it's \\ 'x'", B: true, TS: "2024-02-29 10:34:56.123" },
  ]);
  const rows = Array.from({ length: 3000 }, (_, i) => [i, i / 2, `row ${i}`]);
  await query(connection, "CREATE OR REPLACE TABLE many (n INT, f FLOAT, s VARCHAR)");
  const many = await execute(connection, "INSERT INTO many VALUES (?, ?, ?)", { binds: rows });
  assert.equal(many.statement.getNumUpdatedRows(), 3000);
  assert.deepEqual(await query(connection, "SELECT COUNT(*) AS c, SUM(n) AS n FROM many WHERE s = 'row ' || n AND f = n / 2"), [
    { C: 3000, N: 4498500 },
  ]);
});

test("counts of changed rows", async () => {
  await query(connection, "CREATE OR REPLACE TABLE counts (n INT, s VARCHAR)");
  const counts = [];
  for (const text of [
    "INSERT INTO counts VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    "UPDATE counts SET s = 'x' WHERE n > 1",
    "DELETE FROM counts",
  ]) {
    counts.push((await execute(connection, text)).statement.getNumUpdatedRows());
  }
  assert.deepEqual(counts, [3, 2, 3]);
});

test("failures have Snowflake's code and state", async () => {
  await assert.rejects(query(connection, "SELECT * FROM there_is_none"), (failure) => {
    assert.equal(failure.code, "002003");
    assert.equal(failure.sqlState, "42S02");
    return true;
  });
  assert.deepEqual(await query(connection, "SELECT 1 AS a"), [{ A: 1 }]);
});

test("transactions", async () => {
  await query(connection, "CREATE OR REPLACE TABLE kept (n INT)");
  for (const end of ["ROLLBACK", "COMMIT"]) {
    await query(connection, "BEGIN");
    await query(connection, "INSERT INTO kept VALUES (1)");
    await query(connection, end);
  }
  assert.deepEqual(await query(connection, "SELECT COUNT(*) AS c FROM kept"), [{ C: 1 }]);
});

test("several statements", async () => {
  const results = await new Promise((resolve, reject) => {
    const found = [];
    connection.execute({
      sqlText: "SELECT 1 AS a; CREATE OR REPLACE TABLE several (n INT); SELECT 'x' AS b",
      parameters: { MULTI_STATEMENT_COUNT: 3 },
      complete: (failure, statement, rows) => {
        if (failure) return reject(failure);
        found.push(rows);
        if (statement.hasNext()) return statement.NextResult();
        return resolve(found);
      },
    });
  });
  assert.deepEqual(results, [[{ A: 1 }], [{ status: "Table SEVERAL successfully created." }], [{ B: "x" }]]);
});

test("an asynchronous statement, its status and its result by id", async () => {
  const id = await new Promise((resolve, reject) => {
    connection.execute({
      sqlText: "SELECT COUNT(*) AS c FROM TABLE(GENERATOR(ROWCOUNT => 1000))",
      asyncExec: true,
      complete: (failure, statement) => (failure ? reject(failure) : resolve(statement.getQueryId())),
    });
  });
  const found = await connection.getResultsFromQueryId({ queryId: id });
  const rows = [];
  for await (const row of found.streamRows()) rows.push(row);
  assert.deepEqual(rows, [{ C: 1000 }]);
  assert.equal(await connection.getQueryStatus(id), "SUCCESS");
});

test("a result in parts, streamed", async () => {
  const { statement } = await execute(
    connection,
    "SELECT ROW_NUMBER() OVER (ORDER BY 1) - 1 AS n, 'row ' || n AS s FROM TABLE(GENERATOR(ROWCOUNT => 200000)) ORDER BY n",
    { streamResult: true },
  );
  let next = 0;
  for await (const row of statement.streamRows()) {
    assert.equal(row.N, next);
    assert.equal(row.S, `row ${next}`);
    next += 1;
  }
  assert.equal(next, 200000);
});

test("cancelling", async () => {
  const outcome = await new Promise((resolve) => {
    const statement = connection.execute({
      // It would take hours.
      sqlText: "SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 200000)) a, TABLE(GENERATOR(ROWCOUNT => 2000000)) b",
      complete: (failure) => resolve(failure),
    });
    setTimeout(() => statement.cancel(() => {}), 1500);
  });
  assert.equal(outcome.code, "000604");
  assert.deepEqual(await query(connection, "SELECT 1 AS a"), [{ A: 1 }]);
});
