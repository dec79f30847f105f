package migrations_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
	"tirage/migrations"
)

// Both databases hold the same tables, columns and indexes, so that a test on one says
// something about the other.
func TestBothDatabasesHaveTheSameSchema(t *testing.T) {
	t.Parallel()
	var lock sync.Mutex
	schemas := map[database.Dialect]map[string]string{}
	t.Run("read", func(t *testing.T) {
		databasetest.Each(t, func(t *testing.T, db *database.DB) {
			schema := readSchema(t, db)
			lock.Lock()
			defer lock.Unlock()
			schemas[db.Dialect] = schema
		})
	})
	if len(schemas) < 2 {
		t.Skip("one database only, so there is nothing to compare")
	}
	if diff := cmp.Diff(schemas[database.SQLite], schemas[database.PostgreSQL]); diff != "" {
		t.Errorf("the schemas differ (-SQLite +PostgreSQL):\n%s", diff)
	}
}

// readSchema describes each column ("table.column") and each index by name.
func readSchema(t *testing.T, db *database.DB) map[string]string {
	t.Helper()
	columns := `SELECT m.name AS tab, c.name AS col, lower(c.type) AS kind, c."notnull" = 1 OR c.pk > 0 AS required
		FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'`
	indexes := `SELECT name, tbl_name AS tab, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL`
	if db.Dialect == database.PostgreSQL {
		columns = `SELECT table_name AS tab, column_name AS col, data_type AS kind, is_nullable = 'NO' AS required
			FROM information_schema.columns WHERE table_schema = 'public'`
		indexes = `SELECT indexname AS name, tablename AS tab, indexdef AS sql FROM pg_indexes
			WHERE schemaname = 'public' AND indexname NOT LIKE '%\_key' AND indexname NOT LIKE '%\_pkey'`
	}
	schema := map[string]string{}
	var found []struct {
		Tab, Col, Kind string
		Required       bool
	}
	if err := db.Conn(t.Context()).Raw(columns).Scan(&found).Error; err != nil {
		t.Fatal(err)
	}
	for _, c := range found {
		if !strings.HasPrefix(c.Tab, "goose_") && !strings.HasPrefix(c.Tab, "sqlite_") {
			schema[c.Tab+"."+c.Col] = fmt.Sprintf("%s, required %t", kinds[c.Kind], c.Required)
		}
	}
	var defined []struct{ Name, Tab, SQL string }
	if err := db.Conn(t.Context()).Raw(indexes).Scan(&defined).Error; err != nil {
		t.Fatal(err)
	}
	for _, i := range defined {
		unique, partial := strings.Contains(i.SQL, "UNIQUE"), strings.Contains(i.SQL, "WHERE")
		schema["index "+i.Name] = fmt.Sprintf("on %s, unique %t, partial %t", i.Tab, unique, partial)
	}
	return schema
}

// kinds are the types that we use, by each database's word for them.
var kinds = map[string]string{
	"text": "text",
	"int":  "integer", "integer": "integer", "bigint": "integer",
	"boolean": "boolean",
	"bytea":   "bytes", "blob": "bytes",
}

func TestBothDatabasesHaveTheSameSteps(t *testing.T) {
	t.Parallel()
	steps := func(folder string) []string {
		files, err := migrations.Files.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range files {
			names = append(names, filepath.Base(f.Name()))
		}
		return names
	}
	if diff := cmp.Diff(steps("sqlite"), steps("postgres")); diff != "" {
		t.Error(diff)
	}
}
