// SPDX-License-Identifier: Apache-2.0

package snowflake

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	sf "github.com/snowflakedb/gosnowflake/v2"
)

// slow would take hours.
const slow = "SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 200000)) a, TABLE(GENERATOR(ROWCOUNT => 2000000)) b"

func expectError(t *testing.T, err error, number int, part string) {
	t.Helper()
	var failure *sf.SnowflakeError
	if !errors.As(err, &failure) {
		t.Fatalf("%v is no error of the server's", err)
	}
	expect(t, "number", failure.Number, number)
	if !strings.Contains(failure.Message, part) {
		t.Errorf("%q does not say %q", failure.Message, part)
	}
}

func TestCounts(t *testing.T) {
	db := open(t)
	run(t, db, "CREATE OR REPLACE TABLE counts (n INT, s VARCHAR)")
	for _, step := range []struct {
		statement string
		rows      int64
	}{
		{"INSERT INTO counts VALUES (1, 'a'), (2, 'b'), (3, 'c')", 3},
		{"UPDATE counts SET s = 'x' WHERE n > 1", 2},
		{"MERGE INTO counts USING (SELECT column1 AS n FROM VALUES (3), (4)) v ON counts.n = v.n " +
			"WHEN MATCHED THEN UPDATE SET s = 'm' WHEN NOT MATCHED THEN INSERT VALUES (v.n, 'new')", 2},
		{"DELETE FROM counts", 4},
	} {
		rows, err := run(t, db, step.statement).RowsAffected()
		if err != nil || rows != step.rows {
			t.Errorf("%s: %d rows, %v; expected %d", step.statement, rows, err, step.rows)
		}
	}
}

func TestErrors(t *testing.T) {
	db := open(t)
	_, err := db.Exec("SELECT * FROM there_is_none")
	expectError(t, err, 2003, "does not exist or not authorized")
	_, err = db.Exec("SELEC 1")
	expectError(t, err, 1003, "syntax error")
	var failure *sf.SnowflakeError
	errors.As(err, &failure)
	expect(t, "state", failure.SQLState, "42000")
	expect(t, "afterwards", text(t, db, "SELECT 1"), "1")
}

func TestTransactions(t *testing.T) {
	db := open(t)
	run(t, db, "CREATE OR REPLACE TABLE kept (n INT)")
	for _, commits := range []bool{false, true} {
		tx, err := db.BeginTx(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = tx.Exec("INSERT INTO kept VALUES (1)"); err != nil {
			t.Fatal(err)
		}
		if commits {
			err = tx.Commit()
		} else {
			err = tx.Rollback()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	expect(t, "rows", text(t, db, "SELECT COUNT(*) FROM kept"), "1")
}

func TestSeveralStatements(t *testing.T) {
	db := open(t)
	ctx := sf.WithMultiStatement(context.Background(), 3)
	rows, err := db.QueryContext(ctx, "SELECT 1 AS a; CREATE OR REPLACE TABLE several (n INT); SELECT 'x', 'y'")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var shown []string
	for {
		columns, _ := rows.Columns()
		for rows.Next() {
			values := make([]sql.NullString, len(columns))
			targets := make([]any, len(columns))
			for i := range values {
				targets[i] = &values[i]
			}
			if err := rows.Scan(targets...); err != nil {
				t.Fatal(err)
			}
			for _, value := range values {
				shown = append(shown, value.String)
			}
		}
		if !rows.NextResultSet() {
			break
		}
	}
	expect(t, "values", strings.Join(shown, "|"), "1|Table SEVERAL successfully created.|x|y")
	_, err = db.Exec("SELECT 1; SELECT 2")
	expectError(t, err, 8, "Actual statement count 2 did not match the desired statement count 1.")
}

func TestManyCountsOfSeveralStatements(t *testing.T) {
	db := open(t)
	run(t, db, "CREATE OR REPLACE TABLE summed (n INT)")
	ctx := sf.WithMultiStatement(context.Background(), 2)
	result, err := db.ExecContext(ctx, "INSERT INTO summed VALUES (1), (2); DELETE FROM summed WHERE n = 1")
	if err != nil {
		t.Fatal(err)
	}
	rows, _ := result.RowsAffected()
	expect(t, "rows", rows, int64(3))
}

func TestAsynchronous(t *testing.T) {
	db := open(t)
	rows, err := db.QueryContext(sf.WithAsyncMode(context.Background()),
		"SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 100000))")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var count int
	if !rows.Next() {
		t.Fatal(rows.Err())
	}
	if err := rows.Scan(&count); err != nil {
		t.Fatal(err)
	}
	expect(t, "count", count, 100000)
}

func TestResultByItsId(t *testing.T) {
	db := open(t)
	ids := make(chan string, 1)
	expect(t, "value", func() string {
		var found string
		row := db.QueryRowContext(sf.WithQueryIDChan(context.Background(), ids), "SELECT 'again'")
		if err := row.Scan(&found); err != nil {
			t.Fatal(err)
		}
		return found
	}(), "again")
	var found string
	ctx := sf.WithFetchResultByID(context.Background(), <-ids)
	if err := db.QueryRowContext(ctx, "").Scan(&found); err != nil {
		t.Fatal(err)
	}
	expect(t, "the same", found, "again")
}

func TestDescribedWithoutBeingRun(t *testing.T) {
	db := open(t)
	run(t, db, "CREATE OR REPLACE TABLE described (n NUMBER(10, 2) NOT NULL, s VARCHAR(20))")
	rows, err := db.QueryContext(sf.WithDescribeOnly(context.Background()), "SELECT * FROM described")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	types, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "columns", len(types), 2)
	precision, scale, _ := types[0].DecimalSize()
	expect(t, "precision", precision, int64(10))
	expect(t, "scale", scale, int64(2))
	nullable, _ := types[0].Nullable()
	expect(t, "nullable", nullable, false)
	length, _ := types[1].Length()
	expect(t, "length", length, int64(20))
}

func TestCancelledByItsContext(t *testing.T) {
	db := open(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, err := db.ExecContext(ctx, slow)
	if err == nil {
		t.Fatal("it was not cancelled")
	}
	if !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(err.Error(), "000604") {
		t.Errorf("another failure: %v", err)
	}
	expect(t, "afterwards", text(t, db, "SELECT 1"), "1")
}
