// SPDX-License-Identifier: Apache-2.0

package snowflake

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"testing"
	"time"

	sf "github.com/snowflakedb/gosnowflake/v2"
)

// bothForms runs a test with rows in JSON and in Arrow.
func bothForms(t *testing.T, test func(t *testing.T, db *sql.DB)) {
	for _, form := range []string{"JSON", "ARROW"} {
		t.Run(form, func(t *testing.T) {
			db := open(t, "TIMEZONE", "UTC")
			run(t, db, "ALTER SESSION SET GO_QUERY_RESULT_FORMAT = '"+form+"'")
			test(t, db)
		})
	}
}

func TestValues(t *testing.T) {
	bothForms(t, func(t *testing.T, db *sql.DB) {
		var (
			whole             int64
			exact             string
			double            float64
			word              string
			truth             bool
			bytes             []byte
			day, ntz, ltz, tz time.Time
			clock             time.Time
			nothing           sql.NullString
			object            string
		)
		err := db.QueryRow("SELECT 9007199254740993, 12345678901234567890.12::NUMBER(38, 2), 1.5::FLOAT, 'é€😀', TRUE, "+
			"TO_BINARY('00FF', 'HEX'), '2024-02-29'::DATE, '2024-01-01 01:02:03.123456'::TIMESTAMP_NTZ(6), "+
			"'2024-01-01 01:02:03.5'::TIMESTAMP_LTZ(3), '2024-01-01 01:02:03.5 +02:00'::TIMESTAMP_TZ(9), "+
			"'12:34:56.789'::TIME(9), NULL::VARCHAR, PARSE_JSON('{\"a\": [1, null]}')").Scan(&whole, &exact, &double, &word,
			&truth, &bytes, &day, &ntz, &ltz, &tz, &clock, &nothing, &object)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "whole", whole, int64(9007199254740993))
		expect(t, "exact", exact, "12345678901234567890.12")
		expect(t, "double", double, 1.5)
		expect(t, "word", word, "é€😀")
		expect(t, "truth", truth, true)
		expect(t, "bytes", fmt.Sprintf("%x", bytes), "00ff")
		expect(t, "day", day.Format(time.DateOnly), "2024-02-29")
		expect(t, "ntz", ntz.Format(time.RFC3339Nano), "2024-01-01T01:02:03.123456Z")
		expect(t, "ltz", ltz.UTC().Format(time.RFC3339Nano), "2024-01-01T01:02:03.5Z")
		expect(t, "tz", tz.Format(time.RFC3339Nano), "2024-01-01T01:02:03.5+02:00")
		expect(t, "clock", clock.Format("15:04:05.000"), "12:34:56.789")
		expect(t, "nothing", nothing.Valid, false)
		expect(t, "object", object, "{\n  \"a\": [\n    1,\n    null\n  ]\n}")
	})
}

func TestBoundValues(t *testing.T) {
	bothForms(t, func(t *testing.T, db *sql.DB) {
		moment := time.Date(2024, 2, 29, 12, 34, 56, 123456000, time.FixedZone("", 2*3600))
		run(t, db, "CREATE OR REPLACE TABLE bound (n INT, f FLOAT, s VARCHAR, b BOOLEAN, d DATE, t TIME(9), "+
			"ntz TIMESTAMP_NTZ(9), ltz TIMESTAMP_LTZ(9), tz TIMESTAMP_TZ(9), x BINARY)")
		run(t, db, "INSERT INTO bound VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", 42, 0.1, "it's \\ 'x'", true,
			sf.DataTypeDate, moment, sf.DataTypeTime, moment, sf.DataTypeTimestampNtz, moment, sf.DataTypeTimestampLtz,
			moment, sf.DataTypeTimestampTz, moment, sf.DataTypeBinary, []byte{0, 255})
		run(t, db, "INSERT INTO bound (n, s) VALUES (?, ?)", nil, sql.NullString{})
		expect(t, "found", text(t, db, "SELECT n || ' ' || s || ' ' || b || ' ' || TO_VARCHAR(x) || ' ' || d FROM bound "+
			"WHERE f = ? AND n = ?", 0.1, 42), "42 it's \\ 'x' true 00FF 2024-02-29")
		var clock, ntz, ltz, tz time.Time
		err := db.QueryRow("SELECT t, ntz, ltz, tz FROM bound WHERE n IS NOT NULL").Scan(&clock, &ntz, &ltz, &tz)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "clock", clock.Format("15:04:05.999999999"), "12:34:56.123456")
		expect(t, "ntz", ntz.Format(time.RFC3339Nano), "2024-02-29T10:34:56.123456Z")
		expect(t, "ltz", ltz.Equal(moment), true)
		expect(t, "tz", tz.Format(time.RFC3339Nano), "2024-02-29T12:34:56.123456+02:00")
		expect(t, "nothing", text(t, db, "SELECT COUNT(*) FROM bound WHERE n IS NULL AND s IS NULL"), "1")
	})
}

func TestNamedPlaceholders(t *testing.T) {
	db := open(t)
	expect(t, "by number", text(t, db, "SELECT :2 || :1", "a", "b"), "ba")
}

func TestArraysOfValues(t *testing.T) {
	db := open(t)
	run(t, db, "CREATE OR REPLACE TABLE arrays (n INT, f FLOAT, s VARCHAR, b BOOLEAN)")
	const rows = 5000
	numbers, doubles, words, truths := make([]int, rows), make([]float64, rows), make([]string, rows), make([]bool, rows)
	for i := range numbers {
		numbers[i], doubles[i], words[i], truths[i] = i, float64(i)/2, fmt.Sprintf("row %d", i), i%2 == 0
	}
	var columns []any
	for _, values := range []any{&numbers, &doubles, &words, &truths} {
		column, err := sf.Array(values)
		if err != nil {
			t.Fatal(err)
		}
		columns = append(columns, column)
	}
	inserted, err := run(t, db, "INSERT INTO arrays VALUES (?, ?, ?, ?)", columns...).RowsAffected()
	if err != nil || inserted != rows {
		t.Fatalf("%d rows, %v", inserted, err)
	}
	expect(t, "found", text(t, db, "SELECT COUNT(*) || ' ' || SUM(n) || ' ' || SUM(f)::INT || ' ' || COUNT_IF(b) "+
		"FROM arrays WHERE s = 'row ' || n"), "5000 12497500 6248750 2500")
}

func TestResultsInParts(t *testing.T) {
	bothForms(t, func(t *testing.T, db *sql.DB) {
		const count = 200000
		rows, err := db.QueryContext(context.Background(), fmt.Sprintf("SELECT ROW_NUMBER() OVER (ORDER BY 1) - 1 AS n, "+
			"'row ' || n AS s, n / 4 AS f FROM TABLE(GENERATOR(ROWCOUNT => %d)) ORDER BY n", count))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		next := 0
		for rows.Next() {
			var n int
			var s string
			var f float64
			if err := rows.Scan(&n, &s, &f); err != nil {
				t.Fatal(err)
			}
			if n != next || s != fmt.Sprintf("row %d", n) || math.Abs(f-float64(n)/4) > 1e-9 {
				t.Fatalf("row %d is %d, %q, %v", next, n, s, f)
			}
			next++
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		expect(t, "rows", next, count)
	})
}
