package database_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"

	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
)

func TestABusyFileIsAConflict(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	one, two := openSQLite(t, path), openSQLite(t, path)
	makeNotes(t, one)
	if err := two.Direct(t.Context()).Exec("PRAGMA busy_timeout = 10").Error; err != nil {
		t.Fatal(err)
	}
	err := one.Direct(t.Context()).Transaction(func(tx *gorm.DB) error {
		addNote(t, tx, "one")
		return two.Direct(t.Context()).Exec("INSERT INTO notes (id) VALUES ('two')").Error
	})
	wantKind(t, err, true, false)
}

func TestALockTimeoutIsAConflict(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, db *database.DB) {
		addNote(t, db.Direct(t.Context()), "one")
		err := db.Direct(t.Context()).Transaction(func(tx *gorm.DB) error {
			if err := tx.Exec("UPDATE notes SET version = 1").Error; err != nil {
				t.Error(err)
			}
			return db.Direct(t.Context()).Transaction(func(tx *gorm.DB) error {
				if err := tx.Exec("SET LOCAL lock_timeout = '10ms'").Error; err != nil {
					t.Error(err)
				}
				return tx.Exec("UPDATE notes SET version = 2").Error
			})
		})
		wantKind(t, err, true, false)
	})
}

func TestASerializationFailureIsAConflict(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, db *database.DB) {
		addNote(t, db.Direct(t.Context()), "one")
		err := db.Direct(t.Context()).Transaction(func(tx *gorm.DB) error {
			if err := tx.Exec("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").Error; err != nil {
				t.Error(err)
			}
			var seen int64
			if err := tx.Table("notes").Count(&seen).Error; err != nil {
				t.Error(err)
			}
			if err := db.Direct(t.Context()).Exec("UPDATE notes SET version = 1").Error; err != nil {
				t.Error(err)
			}
			return tx.Exec("UPDATE notes SET version = 2").Error
		})
		wantKind(t, err, true, false)
	})
}

func TestABackendThatWasTerminatedIsUnavailable(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, db *database.DB) {
		kill := func(tx *gorm.DB) {
			var pid int
			if err := tx.Raw("SELECT pg_backend_pid()").Scan(&pid).Error; err != nil {
				t.Error(err)
			}
			if err := db.Direct(t.Context()).Exec("SELECT pg_terminate_backend(?, 5000)", pid).Error; err != nil {
				t.Error(err)
			}
		}
		err := db.Direct(t.Context()).Transaction(func(tx *gorm.DB) error {
			kill(tx)
			return tx.Exec("UPDATE notes SET version = 1").Error
		})
		wantKind(t, err, false, true)

		err = db.Direct(t.Context()).Transaction(func(tx *gorm.DB) error {
			kill(tx)
			return nil // so that it is the COMMIT that finds out
		})
		wantKind(t, err, false, true)

		err = db.Direct(t.Context()).Transaction(func(tx *gorm.DB) error {
			return tx.Exec("UPDATE notes SET version = 1").Error
		})
		if err != nil {
			t.Errorf("the next transaction has a connection of its own: %v", err)
		}
	})
}

func TestAConnectionThatBreaksIsUnavailable(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(tx *gorm.DB) error{
		"exec": func(tx *gorm.DB) error { return tx.Exec("UPDATE notes SET version = 1").Error },
		// GORM does not translate the errors of this one.
		"scan": func(tx *gorm.DB) error { return tx.Raw("SELECT version FROM notes").Scan(new(int)).Error },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			breakWhile(t, ask)
		})
	}
}

func breakWhile(t *testing.T, ask func(tx *gorm.DB) error) {
	t.Helper()
	eachPostgres(t, func(t *testing.T, db *database.DB) {
		pool, err := db.Writer()
		if err != nil {
			t.Fatal(err)
		}
		pool.SetMaxOpenConns(1) // so that the transaction has the connection we cut
		var cut func() error
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		err = conn.Raw(func(driverConn any) error {
			cut = driverConn.(*stdlib.Conn).Conn().PgConn().Conn().Close
			return nil
		})
		if err := errors.Join(err, conn.Close()); err != nil {
			t.Fatal(err)
		}
		err = db.Direct(t.Context()).Transaction(func(tx *gorm.DB) error {
			if err := cut(); err != nil {
				t.Error(err)
			}
			return ask(tx)
		})
		wantKind(t, err, false, true)
	})
}

func TestAClosedPortIsUnavailable(t *testing.T) {
	t.Parallel()
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := port.Addr().String()
	if err := port.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = database.OpenPostgres(t.Context(), "postgres://shop@"+address+"/shop")
	wantKind(t, err, false, true)
}

func TestAQueryThatIsWrongIsNeither(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		wantKind(t, db.Direct(t.Context()).Exec("UPDATE nowhere SET nothing = 1").Error, false, false)
	})
}

func TestACancelledContextIsNeither(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantKind(t, db.Direct(ctx).Exec("SELECT 1").Error, false, false)
	})
}

func wantKind(t *testing.T, err error, conflict, unavailable bool) {
	t.Helper()
	if err == nil {
		t.Fatal("there is no error; this test wants one")
	}
	if got := database.IsConflict(err); got != conflict {
		t.Errorf("IsConflict is %v, want %v, of %v", got, conflict, err)
	}
	if got := database.IsUnavailable(err); got != unavailable {
		t.Errorf("IsUnavailable is %v, want %v, of %v (%T)", got, unavailable, err, errors.Unwrap(err))
	}
}

func eachPostgres(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		if db.Dialect != database.PostgreSQL {
			t.Skip("PostgreSQL only")
		}
		makeNotes(t, db)
		test(t, db)
	})
}

func newSQLite(t *testing.T) *database.DB {
	t.Helper()
	return openSQLite(t, filepath.Join(t.TempDir(), "shop.db"))
}

func openSQLite(t *testing.T, path string) *database.DB {
	t.Helper()
	db, err := database.OpenSQLite(t.Context(), path)
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
