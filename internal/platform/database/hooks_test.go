package database_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
)

var errChangedMind = errors.New("changed my mind")

func TestAfterCommitRunsOnceTheRowCanBeSeen(t *testing.T) {
	t.Parallel()
	eachWriter(t, func(t *testing.T, db *database.DB, writer *gorm.DB) {
		var seen []int
		err := writer.Transaction(func(tx *gorm.DB) error {
			addNote(t, tx, "one")
			mustAfterCommit(t, tx, func() { seen = append(seen, len(notes(t, db))) })
			if len(seen) != 0 {
				t.Error("the hook ran inside the transaction")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int{1}, seen); diff != "" {
			t.Errorf("rows that another connection saw in the hook (-want +got):\n%s", diff)
		}
	})
}

func TestAfterCommitRunsInTheOrderItWasAsked(t *testing.T) {
	t.Parallel()
	eachWriter(t, func(t *testing.T, _ *database.DB, writer *gorm.DB) {
		var ran ran
		err := writer.Transaction(func(tx *gorm.DB) error {
			mustAfterCommit(t, tx, ran.note("first"))
			return tx.Transaction(func(tx *gorm.DB) error {
				mustAfterCommit(t, tx, ran.note("second"))
				return nil
			})
		})
		ran.want(t, err, nil, "first", "second")
	})
}

func TestAfterCommitDoesNotRunAfterARollback(t *testing.T) {
	t.Parallel()
	eachWriter(t, func(t *testing.T, _ *database.DB, writer *gorm.DB) {
		var ran ran
		err := writer.Transaction(func(tx *gorm.DB) error {
			mustAfterCommit(t, tx, ran.note("outer"))
			_ = tx.Transaction(func(tx *gorm.DB) error {
				mustAfterCommit(t, tx, ran.note("inner"))
				return nil
			})
			return errChangedMind
		})
		ran.want(t, err, errChangedMind)
	})
}

func TestAfterCommitDoesNotRunForAPartRolledBack(t *testing.T) {
	t.Parallel()
	eachWriter(t, func(t *testing.T, db *database.DB, writer *gorm.DB) {
		var ran ran
		err := writer.Transaction(func(tx *gorm.DB) error {
			mustAfterCommit(t, tx, ran.note("before"))
			err := tx.Transaction(func(tx *gorm.DB) error {
				addNote(t, tx, "part")
				mustAfterCommit(t, tx, ran.note("part"))
				_ = tx.Transaction(func(tx *gorm.DB) error {
					mustAfterCommit(t, tx, ran.note("part of the part"))
					return nil
				})
				return errChangedMind
			})
			if !errors.Is(err, errChangedMind) {
				t.Errorf("the part: %v", err)
			}
			addNote(t, tx, "rest")
			mustAfterCommit(t, tx, ran.note("after"))
			return nil
		})
		ran.want(t, err, nil, "before", "after")
		if diff := cmp.Diff([]string{"rest"}, notes(t, db)); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}

// A part may end because its own time is up. The savepoint must be returned to all the
// same, or the outer transaction would commit half of the part.
func TestAPartWhoseContextEndedIsRolledBackToo(t *testing.T) {
	t.Parallel()
	eachWriter(t, func(t *testing.T, db *database.DB, writer *gorm.DB) {
		var ran ran
		err := writer.Transaction(func(tx *gorm.DB) error {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			_ = tx.WithContext(ctx).Transaction(func(part *gorm.DB) error {
				addNote(t, part, "part")
				mustAfterCommit(t, part, ran.note("part"))
				cancel()
				return ctx.Err()
			})
			addNote(t, tx, "rest")
			mustAfterCommit(t, tx, ran.note("rest"))
			return nil
		})
		ran.want(t, err, nil, "rest")
		if diff := cmp.Diff([]string{"rest"}, notes(t, db)); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}

// SQLite ends the whole transaction when a write in it is interrupted: there is no
// savepoint to return to any more, and each further statement would commit by itself.
func TestWhenAPartCannotBeRolledBackNothingIsCommitted(t *testing.T) {
	t.Parallel()
	eachWriter(t, func(t *testing.T, db *database.DB, writer *gorm.DB) {
		var ran ran
		err := writer.Transaction(func(tx *gorm.DB) error {
			mustAfterCommit(t, tx, ran.note("one"))
			_ = tx.Transaction(func(tx *gorm.DB) error {
				return errors.Join(tx.Exec("ROLLBACK").Error, errChangedMind)
			})
			return tx.Exec("INSERT INTO notes (id) VALUES ('one')").Error
		})
		ran.want(t, err, sql.ErrTxDone)
		if left := notes(t, db); len(left) != 0 {
			t.Errorf("rows %v of a transaction that had ended", left)
		}
	})
}

func TestAfterCommitDoesNotRunAfterAPanic(t *testing.T) {
	t.Parallel()
	eachWriter(t, func(t *testing.T, db *database.DB, writer *gorm.DB) {
		var ran ran
		func() {
			defer func() { _ = recover() }()
			_ = writer.Transaction(func(tx *gorm.DB) error {
				addNote(t, tx, "one")
				mustAfterCommit(t, tx, ran.note("one"))
				panic("at the disco")
			})
		}()
		ran.want(t, nil, nil)
		if left := notes(t, db); len(left) != 0 {
			t.Errorf("rows %v of a transaction that panicked", left)
		}
	})
}

// The constraint is checked at COMMIT only, so every statement succeeds and the commit
// itself fails.
func TestAfterCommitDoesNotRunWhenTheCommitFails(t *testing.T) {
	t.Parallel()
	eachWriter(t, func(t *testing.T, db *database.DB, writer *gorm.DB) {
		var ran ran
		err := writer.Transaction(func(tx *gorm.DB) error {
			mustAfterCommit(t, tx, ran.note("one"))
			return tx.Exec("INSERT INTO footnotes (note) VALUES ('none')").Error
		})
		if err == nil {
			t.Fatal("the commit went well; this test wants it to fail")
		}
		ran.want(t, nil, nil)

		err = writer.Transaction(func(tx *gorm.DB) error {
			addNote(t, tx, "two")
			mustAfterCommit(t, tx, ran.note("two"))
			return nil
		})
		ran.want(t, err, nil, "two")
		if diff := cmp.Diff([]string{"two"}, notes(t, db)); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}

func TestAfterCommitDoesNotRunWhenTheContextEndsBeforeTheCommit(t *testing.T) {
	t.Parallel()
	eachWriter(t, func(t *testing.T, db *database.DB, writer *gorm.DB) {
		var ran ran
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		err := writer.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			addNote(t, tx, "one")
			mustAfterCommit(t, tx, ran.note("one"))
			cancel()
			return nil
		})
		if err == nil {
			t.Error("the commit of a cancelled transaction went well")
		}
		ran.want(t, nil, nil)
		if left := notes(t, db); len(left) != 0 {
			t.Errorf("rows %v of a transaction that was cancelled", left)
		}
	})
}

func TestAfterCommitWantsATransaction(t *testing.T) {
	t.Parallel()
	eachWriter(t, func(t *testing.T, _ *database.DB, writer *gorm.DB) {
		if err := database.AfterCommit(writer, func() {}); !errors.Is(err, database.ErrNoTransaction) {
			t.Errorf("got %v, want ErrNoTransaction", err)
		}
	})
}

// eachWriter runs test over both databases, with GORM's prepared statements off, as the
// shop has them, and on, which wraps the transaction once more.
func eachWriter(t *testing.T, test func(t *testing.T, db *database.DB, writer *gorm.DB)) {
	t.Helper()
	for name, prepared := range map[string]bool{"plain": false, "prepared": true} {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				makeNotes(t, db)
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // a stuck lock must fail the test, not hang it
				t.Cleanup(cancel)
				test(t, db, db.Direct(ctx).Session(&gorm.Session{PrepareStmt: prepared}))
			})
		})
	}
}

// ran lists which hooks have run.
type ran []string

func (r *ran) note(name string) func() { return func() { *r = append(*r, name) } }

func (r *ran) want(t *testing.T, err, wantErr error, names ...string) {
	t.Helper()
	if !errors.Is(err, wantErr) {
		t.Fatalf("got error %v, want %v", err, wantErr)
	}
	if diff := cmp.Diff(names, []string(*r)); diff != "" {
		t.Errorf("hooks that ran (-want +got):\n%s", diff)
	}
}

func mustAfterCommit(t *testing.T, tx *gorm.DB, fn func()) {
	t.Helper()
	if err := database.AfterCommit(tx, fn); err != nil {
		t.Error(err)
	}
}
