package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
)

// pgConnections bounds the PostgreSQL pool of one process. Measured: with twenty
// handlers at work on two cores, thirty connections beat ten.
const pgConnections = 30

// OpenPostgres connects to the PostgreSQL at a postgres:// URL. It does not migrate.
func OpenPostgres(ctx context.Context, databaseURL string) (*DB, error) {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(pgConnections)
	pool.SetMaxIdleConns(pgConnections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("connect to PostgreSQL: %w", markLost(err)), pool.Close())
	}
	db, err := openGORM(postgresDialector{&postgres.Dialector{Config: &postgres.Config{Conn: hookedPool{pool}}}})
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return &DB{Dialect: PostgreSQL, writer: db, reader: db, close: pool.Close}, nil
}

// postgresDialector is GORM's own, but marks the errors of a lost connection.
type postgresDialector struct{ *postgres.Dialector }

// Translate implements gorm.ErrorTranslator, which GORM gives every error.
func (d postgresDialector) Translate(err error) error {
	return markLost(d.Dialector.Translate(err))
}

// OpenSQLite opens, or creates, the SQLite file at path. It does not migrate.
func OpenSQLite(ctx context.Context, path string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	// IMMEDIATE: a transaction that will write takes the lock when it begins, instead
	// of failing when it first writes. One connection: writers queue in Go, fairly.
	writer, err := openSQLitePool(path, "immediate", 1)
	if err != nil {
		return nil, err
	}
	readers, err := openSQLitePool(path, "deferred", max(4, runtime.NumCPU()))
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	closeBoth := func() error { return errors.Join(readers.Close(), writer.Close()) }
	if err := writer.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open SQLite file %s: %w", path, err), closeBoth())
	}
	write, err := openGORM(sqlite.Dialector{Conn: hookedPool{writer}})
	if err != nil {
		return nil, errors.Join(err, closeBoth())
	}
	read, err := openGORM(sqlite.Dialector{Conn: readers})
	if err != nil {
		return nil, errors.Join(err, closeBoth())
	}
	return &DB{Dialect: SQLite, path: path, writer: write, reader: read, close: closeBoth}, nil
}

func openSQLitePool(path, lock string, connections int) (*sql.DB, error) {
	pragmas := []string{"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"}
	if lock == "deferred" {
		pragmas = append(pragmas, "query_only(1)")
	}
	dsn := sqliteFile(path) + "?_txlock=" + lock + "&_pragma=" + strings.Join(pragmas, "&_pragma=")
	pool, err := sql.Open(sqlite.DriverName, dsn)
	if err != nil {
		return nil, fmt.Errorf("open SQLite file %s: %w", path, err)
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return pool, nil
}

// sqliteFile is path as the URI that begins a DSN.
func sqliteFile(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }
