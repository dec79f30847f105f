// Package database opens the shop's database, PostgreSQL or SQLite, and runs its
// units of work.
//
// Everything that writes does so inside UnitOfWork.Do, which gives the transaction
// to repositories through the context. Conn finds it there; outside a unit of work
// Conn only reads.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Dialect names the two databases we speak to.
type Dialect string

// The dialects.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgres"
)

// DB is the shop's database: one handle that writes and one that reads. On
// PostgreSQL they are the same pool; on SQLite the writer is a single connection
// on which writers queue, and readers never wait for it.
type DB struct {
	Dialect Dialect
	path    string // of the SQLite file
	writer  *gorm.DB
	reader  *gorm.DB
	close   func() error
}

// Close closes every connection.
func (db *DB) Close() error { return db.close() }

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	return db.reader.WithContext(ctx).Exec("SELECT 1").Error
}

// Conn returns the transaction of the unit of work in ctx, or else a handle to read
// with. A query asked inside a unit of work thus sees what that unit wrote, and
// cannot wait for a connection that the unit itself holds.
func (db *DB) Conn(ctx context.Context) *gorm.DB {
	if w, ok := workFrom(ctx); ok {
		return w.tx.WithContext(ctx)
	}
	return db.reader.WithContext(ctx)
}

// Snapshot runs reads that must all see one moment, however many statements they are. In a
// unit of work they see what that unit sees.
func (db *DB) Snapshot(ctx context.Context, read func(tx *gorm.DB) error) error {
	var options *sql.TxOptions // on SQLite every transaction is a snapshot
	if db.Dialect == PostgreSQL {
		options = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	return db.Conn(ctx).Transaction(read, options)
}

// Direct returns a handle that writes outside any unit of work, each statement in a
// transaction of its own. It is for the platform's bookkeeping; domain state changes
// only in a unit of work.
func (db *DB) Direct(ctx context.Context) *gorm.DB {
	return db.writer.WithContext(ctx)
}

// Writer is the *sql.DB behind the writer, for migrations.
func (db *DB) Writer() (*sql.DB, error) { return db.writer.DB() }

// Now is the SQL expression for the database's own clock, in the unit of Time. All
// due times are compared with it, so that no worker's clock matters.
func (db *DB) Now() string {
	if db.Dialect == SQLite {
		return "CAST(unixepoch('subsec') * 1000000 AS INTEGER)"
	}
	return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
}

// Locked is the SQL that locks the rows a SELECT finds in the table of an alias.
// SQLite has no row locks and needs none: one transaction writes at a time.
func (db *DB) Locked(alias string) string {
	if db.Dialect == SQLite {
		return ""
	}
	return " FOR UPDATE OF " + alias
}

// SkipLocked is Locked, passing over the rows that another transaction holds.
func (db *DB) SkipLocked(alias string) string {
	if db.Dialect == SQLite {
		return ""
	}
	return db.Locked(alias) + " SKIP LOCKED"
}

func openGORM(dialector gorm.Dialector) (*gorm.DB, error) {
	db, err := gorm.Open(dialector, &gorm.Config{
		Logger:                 logger.Discard, // errors are returned, and logged once by whoever handles them
		NowFunc:                nowUTC,
		SkipDefaultTransaction: true, // writes are in a unit of work already
		TranslateError:         true,
	})
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return db, nil
}

// ErrNotFound is returned by repositories when the row asked for does not exist.
var ErrNotFound = errors.New("not found")
