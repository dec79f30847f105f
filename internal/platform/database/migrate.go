package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// turn is how long a replica waits for its turn: longer than any migration should take.
const turn = 5 * time.Minute

// Migrate brings the schema up to date with the SQL files of its dialect's folder in
// files, and returns how many it applied. Replicas that start together take turns: on
// PostgreSQL by an advisory lock held by one session, on SQLite by a file beside its own.
func (db *DB) Migrate(ctx context.Context, files fs.FS) (int, error) {
	folder, err := fs.Sub(files, string(db.Dialect))
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	provider, err := db.goose(folder)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	applied, err := provider.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	return len(applied), nil
}

func (db *DB) goose(folder fs.FS) (*goose.Provider, error) {
	pool, err := db.Writer()
	if err != nil {
		return nil, err
	}
	if db.Dialect == SQLite {
		return goose.NewProvider(goose.DialectSQLite3, pool, folder, goose.WithLocker(&fileLocker{path: db.path + ".migrating"}))
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, uint64(turn.Seconds()))) // a try a second
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, pool, folder, goose.WithSessionLocker(locker))
}

// fileLocker is a lock between processes: an exclusive transaction on an SQLite file of
// its own, which ends with its process at the latest. The database cannot be its own
// lock, because goose commits after every step, and another would begin in between.
type fileLocker struct {
	path string
	pool *sql.DB
	tx   *sql.Tx
}

// Lock implements lock.Locker.
func (l *fileLocker) Lock(ctx context.Context, _ *sql.DB) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, turn, fmt.Errorf("%s is locked", l.path))
	defer cancel()
	if l.pool, err = sql.Open(sqlite.DriverName, sqliteFile(l.path)+"?_txlock=exclusive"); err != nil {
		return err
	}
	for {
		// The transaction outlives this call, and so must its context.
		if l.tx, err = l.pool.BeginTx(context.WithoutCancel(ctx), nil); err == nil {
			return nil
		}
		if !IsConflict(err) {
			return errors.Join(fmt.Errorf("lock %s: %w", l.path, err), l.pool.Close())
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), l.pool.Close())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Unlock implements lock.Locker.
func (l *fileLocker) Unlock(context.Context, *sql.DB) error {
	return errors.Join(l.tx.Rollback(), l.pool.Close())
}
