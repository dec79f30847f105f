// Package databasetest gives tests real databases: a SQLite file always, a database of
// a PostgreSQL container where Docker can be had. Start with Each.
package databasetest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"tirage/internal/platform/containertest"
	"tirage/internal/platform/database"
	"tirage/migrations"
)

// Each runs test over a database of each dialect, as parallel sub-tests "sqlite" and
// "postgres". Every database is new, has the schema and no rows, and is the test's own.
// Without Docker the sub-test "postgres" is skipped; see containertest.SkipOrFail.
func Each(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	each(t, true, func(t *testing.T, open func() *database.DB) { test(t, open()) })
}

// EachEmpty is Each over databases without a schema, to which open connects as often as
// it is called, as several programs would.
func EachEmpty(t *testing.T, test func(t *testing.T, open func() *database.DB)) {
	t.Helper()
	each(t, false, test)
}

func each(t *testing.T, migrated bool, test func(t *testing.T, open func() *database.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "shop.db")
		open := func() *database.DB {
			db, err := database.OpenSQLite(t.Context(), path)
			return opened(t, db, err)
		}
		if migrated {
			if _, err := open().Migrate(t.Context(), migrations.Files); err != nil {
				t.Fatal(err)
			}
		}
		test(t, open)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		databaseURL := newPostgresDatabase(t, migrated)
		test(t, func() *database.DB {
			db, err := database.OpenPostgres(t.Context(), databaseURL)
			return opened(t, db, err)
		})
	})
}

// opened hands out a database that was opened, and closes it when t ends.
func opened(t *testing.T, db *database.DB, err error) *database.DB {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// server is the one PostgreSQL container of this process. Its database "template" has
// the schema, so that a test's own is a copy, made in some 50 ms.
type server struct {
	url   string
	admin *sql.DB
	count atomic.Int64
}

var postgres = sync.OnceValues(func() (*server, error) {
	ctx := context.Background()
	serverURL, _, err := StartPostgres(ctx, inMemory...)
	if err != nil {
		return nil, err
	}
	admin, err := sql.Open("pgx", serverURL)
	if err != nil {
		return nil, err
	}
	s := &server{url: serverURL, admin: admin}
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE template"); err != nil {
		return nil, err
	}
	template, err := database.OpenPostgres(ctx, s.databaseURL("template"))
	if err != nil {
		return nil, err
	}
	if _, err := template.Migrate(ctx, migrations.Files); err != nil {
		return nil, err
	}
	return s, template.Close()
})

// PostgresURL returns the URL of an empty PostgreSQL database, without a schema, that is
// t's own until it ends. Without Docker, t is skipped; see containertest.SkipOrFail.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return newPostgresDatabase(t, false)
}

// newPostgresDatabase makes a database for t, drops it when t ends, and returns its URL.
func newPostgresDatabase(t testing.TB, migrated bool) string {
	t.Helper()
	s, err := postgres()
	if err != nil {
		containertest.SkipOrFail(t, err)
	}
	name := fmt.Sprintf("test%d", s.count.Add(1))
	template := "template1"
	if migrated {
		template = "template"
	}
	if _, err := s.admin.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := s.admin.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return s.databaseURL(name)
}

func (s *server) databaseURL(name string) string {
	u, err := url.Parse(s.url)
	if err != nil {
		panic(err) // it was made by StartPostgres
	}
	u.Path = name
	return u.String()
}
