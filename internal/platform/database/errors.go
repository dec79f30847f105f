package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/glebarez/go-sqlite"
	"github.com/jackc/pgx/v5/pgconn"
	sqlite3 "modernc.org/sqlite/lib"
)

// IsConflict reports that the database refused a transaction only because others ran
// beside it: PostgreSQL's serialization failure, deadlock and lock timeout, SQLite's
// busy. Running it again from the start is right.
func IsConflict(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code {
		case "40001", "40P01", "55P03":
			return true
		}
		return false
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		primary := lite.Code() & 0xff
		return primary == sqlite3.SQLITE_BUSY || primary == sqlite3.SQLITE_LOCKED
	}
	return false
}

// IsUnavailable reports that the database could not be reached, or went away in the
// middle: nothing is wrong with what was asked, and it may be asked again later. The
// outcome of a COMMIT that failed so is unknown.
func IsUnavailable(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code[:2] {
		case "08", "53", "57": // connection exceptions, out of resources, operator intervention
			return pg.Code != "57014" // query cancelled: by us, at a deadline
		}
		return false
	}
	_, lost := errors.AsType[*lostError](err)
	return lost
}

// lostError marks an error that means the connection to the database is gone. It is
// set where errors leave GORM, because the same network error may also come from a
// mail server, and means something else there.
type lostError struct{ error }

func (e *lostError) Unwrap() error { return e.error }

func markLost(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	_, refused := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[*net.OpError](err)
	if refused || network || pgconn.SafeToRetry(err) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &lostError{err}
	}
	return err
}
