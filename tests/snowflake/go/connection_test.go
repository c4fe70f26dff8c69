// SPDX-License-Identifier: Apache-2.0

// Package snowflake tests Snowflake's Go driver, unchanged, against a server that test_drivers.py started. Expected
// values are those of Snowflake's documentation and of database/sql.
package snowflake

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"testing"

	_ "github.com/snowflakedb/gosnowflake/v2"
)

var database = fmt.Sprintf("GO_%d", os.Getpid())

func source(name string, options url.Values) string {
	user := url.UserPassword(os.Getenv("TARN_TEST_USER"), os.Getenv("TARN_TEST_PASSWORD"))
	options.Set("account", "tarn")
	options.Set("protocol", "http")
	return fmt.Sprintf("%s@%s:%s/%s/PUBLIC?%s", user, os.Getenv("TARN_TEST_HOST"), os.Getenv("TARN_TEST_PORT"), name,
		options.Encode())
}

// open gives a pool of one connection, so that what a statement sets is there for the next.
func open(t *testing.T, options ...string) *sql.DB {
	t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(options); i += 2 {
		values.Set(options[i], options[i+1])
	}
	db, err := sql.Open("snowflake", source(database, values))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func run(t *testing.T, db *sql.DB, statement string, values ...any) sql.Result {
	t.Helper()
	result, err := db.ExecContext(context.Background(), statement, values...)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return result
}

// text is a query's one value.
func text(t *testing.T, db *sql.DB, query string, values ...any) string {
	t.Helper()
	var found string
	if err := db.QueryRowContext(context.Background(), query, values...).Scan(&found); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return found
}

func expect(t *testing.T, what string, found, expected any) {
	t.Helper()
	if found != expected {
		t.Errorf("%s: %v, expected %v", what, found, expected)
	}
}

func TestMain(m *testing.M) {
	values := url.Values{}
	db, err := sql.Open("snowflake", source("", values))
	if err == nil {
		_, err = db.Exec("CREATE OR REPLACE DATABASE " + database)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	status := m.Run()
	if _, err = db.Exec("DROP DATABASE " + database); err != nil {
		fmt.Println(err)
		status = 1
	}
	os.Exit(status)
}

func TestPingAndPlace(t *testing.T) {
	db := open(t)
	if err := db.Ping(); err != nil {
		t.Fatal(err)
	}
	expect(t, "database", text(t, db, "SELECT CURRENT_DATABASE()"), database)
	expect(t, "schema", text(t, db, "SELECT CURRENT_SCHEMA()"), "PUBLIC")
}

func TestWrongPassword(t *testing.T) {
	source := fmt.Sprintf("nobody:wrong@%s:%s?account=tarn&protocol=http", os.Getenv("TARN_TEST_HOST"),
		os.Getenv("TARN_TEST_PORT"))
	db, err := sql.Open("snowflake", source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	expectError(t, db.Ping(), 390100, "Incorrect username or password was specified")
}

func TestSessionParametersOfTheAddress(t *testing.T) {
	db := open(t, "TIMEZONE", "Asia/Tokyo", "QUERY_TAG", "nightly")
	expect(t, "offset", text(t, db, "SELECT TO_VARCHAR('2024-01-01'::TIMESTAMP_LTZ, 'TZHTZM')"), "+0900")
	var key, value string
	rows, err := db.Query("SHOW PARAMETERS LIKE 'QUERY_TAG' IN SESSION")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		t.Fatal("no parameter")
	}
	var other [4]sql.NullString
	if err := rows.Scan(&key, &value, &other[0], &other[1], &other[2], &other[3]); err != nil {
		t.Fatal(err)
	}
	expect(t, "tag", value, "nightly")
}
