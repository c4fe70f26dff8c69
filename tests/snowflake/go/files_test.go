// SPDX-License-Identifier: Apache-2.0

package snowflake

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFiles(t *testing.T) {
	db := open(t)
	directory := t.TempDir()
	for _, name := range []string{"a.csv", "b.csv"} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte("1,"+name+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(t, db, "CREATE OR REPLACE STAGE go_files")
	for _, name := range []string{"a.csv", "b.csv"} {
		run(t, db, "PUT file://"+directory+"/"+name+" @go_files/in AUTO_COMPRESS = FALSE")
	}
	run(t, db, "CREATE OR REPLACE TABLE go_loaded (n INT, name VARCHAR)")
	run(t, db, "COPY INTO go_loaded FROM @go_files")
	expect(t, "loaded", text(t, db, "SELECT LISTAGG(name, ',') WITHIN GROUP (ORDER BY name) FROM go_loaded"), "a.csv,b.csv")
	back := t.TempDir()
	run(t, db, "GET @go_files/in file://"+back)
	content, err := os.ReadFile(filepath.Join(back, "b.csv"))
	if err != nil || string(content) != "1,b.csv\n" {
		there, _ := os.ReadDir(back)
		t.Errorf("%q, %v, %v", content, err, there)
	}
}
