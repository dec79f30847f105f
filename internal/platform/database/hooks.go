package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// GORM has no hook that runs after COMMIT: its callbacks run before an explicit
// transaction ends. hookedPool closes that gap. It is the connection pool given to
// GORM; the transactions it begins keep a queue of functions and run them when, and
// only when, the database has answered COMMIT with success.
type hookedPool struct{ *sql.DB }

// BeginTx implements gorm.ConnPoolBeginner. As *sql.DB does, it tries another
// connection when the one it was given turns out to be dead.
func (p hookedPool) BeginTx(ctx context.Context, opts *sql.TxOptions) (gorm.ConnPool, error) {
	for try := 1; ; try++ {
		conn, err := p.DB.Conn(ctx)
		if err != nil {
			return nil, err
		}
		tx, err := conn.BeginTx(ctx, opts)
		if err == nil {
			return &hookedTx{Tx: tx, conn: conn}, nil
		}
		_ = conn.Close()
		if try == 3 || !errors.Is(err, driver.ErrBadConn) {
			return nil, err
		}
	}
}

// QueryContext implements gorm.ConnPool. What GORM reads by Raw and Scan does not pass its
// translation of errors, so a lost connection is marked here.
func (p hookedPool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := p.DB.QueryContext(ctx, query, args...)
	return rows, markLost(err)
}

// GetDBConn implements gorm.GetDBConnector, so that gorm.DB.DB() still works.
func (p hookedPool) GetDBConn() (*sql.DB, error) { return p.DB, nil }

// hookedTx is a transaction with the functions to run after it. It is used by one
// goroutine at a time, as a transaction is.
type hookedTx struct {
	*sql.Tx
	conn       *sql.Conn
	queue      []func()
	savepoints []savepoint
}

// savepoint remembers how long the queue was when it was set.
type savepoint struct {
	name   string
	queued int
}

// Commit implements gorm.TxCommitter.
func (tx *hookedTx) Commit() error {
	if err := tx.Tx.Commit(); err != nil {
		// SQLite leaves a transaction open whose COMMIT failed, and whoever was given the
		// connection next would be inside it. So nobody is.
		_ = tx.conn.Raw(func(any) error { return driver.ErrBadConn })
		return err
	}
	_ = tx.conn.Close() // gives it back to the pool, before the functions want one
	for _, fn := range tx.queue {
		fn()
	}
	return nil
}

// Rollback implements gorm.TxCommitter.
func (tx *hookedTx) Rollback() error {
	defer tx.conn.Close() //nolint:errcheck // gives it back to the pool
	return tx.Tx.Rollback()
}

// ExecContext implements gorm.ConnPool. GORM sets savepoints and returns to them by
// plain statements, which is where we follow them.
func (tx *hookedTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if name, ok := strings.CutPrefix(query, "ROLLBACK TO SAVEPOINT "); ok {
		return tx.returnTo(ctx, name)
	}
	result, err := tx.Tx.ExecContext(ctx, query, args...)
	if name, ok := strings.CutPrefix(query, "SAVEPOINT "); ok && err == nil {
		tx.savepoints = append(tx.savepoints, savepoint{name: name, queued: len(tx.queue)})
	}
	return result, err
}

// QueryContext implements gorm.ConnPool; see hookedPool.QueryContext.
func (tx *hookedTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := tx.Tx.QueryContext(ctx, query, args...)
	return rows, markLost(err)
}

// returnTo undoes what came after a savepoint, even where that ended because its
// context did. GORM ignores an error of this statement, so it ends the transaction:
// half of a part must never be committed.
func (tx *hookedTx) returnTo(ctx context.Context, name string) (sql.Result, error) {
	result, err := tx.Tx.ExecContext(context.WithoutCancel(ctx), "ROLLBACK TO SAVEPOINT "+name)
	if err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	for i, saved := range slices.Backward(tx.savepoints) {
		if saved.name == name {
			tx.queue = tx.queue[:saved.queued]
			tx.savepoints = tx.savepoints[:i+1]
			break
		}
	}
	return result, nil
}

// ErrNoTransaction is returned by AfterCommit for a handle outside a transaction.
var ErrNoTransaction = errors.New("not in a transaction")

// AfterCommit queues fn to run once the transaction of tx has been committed. It
// never runs after a rollback, after a failed commit, or when tx is rolled back to a
// savepoint set before this call. fn runs on the caller's goroutine, so it must be
// quick and must not fail.
func AfterCommit(tx *gorm.DB, fn func()) error {
	pool := tx.Statement.ConnPool
	if prepared, ok := pool.(*gorm.PreparedStmtTX); ok {
		pool = prepared.Tx
	}
	hooked, ok := pool.(*hookedTx)
	if !ok {
		return ErrNoTransaction
	}
	hooked.queue = append(hooked.queue, fn)
	return nil
}
