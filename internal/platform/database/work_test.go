package database_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
	"tirage/internal/platform/event"
)

func TestUnitOfWorkStoresEventsInTheSameTransaction(t *testing.T) {
	t.Parallel()
	eachWork(t, func(t *testing.T, db *database.DB, work *database.UnitOfWork, store *eventStore) {
		ctx := event.WithTrail(t.Context(), event.Trail{CorrelationID: "conversation", CausationID: "request"})
		err := work.Do(ctx, func(ctx context.Context) error { return moveStone(ctx, t, db, "one") })
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"event of one", "one"}, notes(t, db)); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		stored := store.only(t)
		if stored.AggregateID != "one" || stored.AggregateVersion != 1 || stored.Type.Name != "test.Moved" ||
			stored.CorrelationID != "conversation" || stored.CausationID != "request" {
			t.Errorf("stored %+v", stored)
		}
	})
}

func TestUnitOfWorkStoresNothingWhenTheUseCaseFails(t *testing.T) {
	t.Parallel()
	eachWork(t, func(t *testing.T, db *database.DB, work *database.UnitOfWork, _ *eventStore) {
		err := work.Do(t.Context(), func(ctx context.Context) error {
			return errors.Join(moveStone(ctx, t, db, "one"), errChangedMind)
		})
		wantNothing(t, db, err, errChangedMind)
	})
}

func TestUnitOfWorkStoresNothingWhenTheEventsCannotBeStored(t *testing.T) {
	t.Parallel()
	eachWork(t, func(t *testing.T, db *database.DB, work *database.UnitOfWork, store *eventStore) {
		store.fail = errChangedMind
		err := work.Do(t.Context(), func(ctx context.Context) error { return moveStone(ctx, t, db, "one") })
		wantNothing(t, db, err, errChangedMind)
	})
}

func TestUnitOfWorkRefusesAnAggregateThatWasNotSaved(t *testing.T) {
	t.Parallel()
	eachWork(t, func(t *testing.T, db *database.DB, work *database.UnitOfWork, _ *eventStore) {
		err := work.Do(t.Context(), func(ctx context.Context) error {
			s := newStone("one")
			addNote(t, db.Conn(ctx), "one")
			if err := database.Track(ctx, s); err != nil {
				return err
			}
			s.move() // and forgets to save
			return nil
		})
		wantNothing(t, db, err, database.ErrUnsaved)
	})
}

// What is recorded after the save is as unsaved as what was never saved.
func TestUnitOfWorkRefusesAnAggregateThatChangedAfterItWasSaved(t *testing.T) {
	t.Parallel()
	eachWork(t, func(t *testing.T, db *database.DB, work *database.UnitOfWork, _ *eventStore) {
		err := work.Do(t.Context(), func(ctx context.Context) error {
			s := newStone("one")
			s.move()
			addNote(t, db.Conn(ctx), "one")
			if err := database.Saved(ctx, s); err != nil {
				return err
			}
			s.move()
			return nil
		})
		wantNothing(t, db, err, database.ErrUnsaved)
	})
}

func TestTrackAndSavedWantAUnitOfWork(t *testing.T) {
	t.Parallel()
	s := newStone("one")
	s.move()
	if err := database.Track(t.Context(), s); !errors.Is(err, database.ErrNoUnitOfWork) {
		t.Errorf("Track: got %v, want ErrNoUnitOfWork", err)
	}
	if err := database.Saved(t.Context(), s); !errors.Is(err, database.ErrNoUnitOfWork) {
		t.Errorf("Saved: got %v, want ErrNoUnitOfWork", err)
	}
	if len(s.Recorded()) != 1 {
		t.Error("Saved released events that nobody stores")
	}
}

func TestConnSeesWhatItsUnitOfWorkWroteAndOthersDoNot(t *testing.T) {
	t.Parallel()
	eachWork(t, func(t *testing.T, db *database.DB, work *database.UnitOfWork, _ *eventStore) {
		err := work.Do(t.Context(), func(ctx context.Context) error {
			addNote(t, db.Conn(ctx), "one")
			var inside int64
			err := db.Conn(ctx).Table("notes").Count(&inside).Error
			if inside != 1 {
				t.Errorf("inside, %d rows are seen, want 1", inside)
			}
			if outside := notes(t, db); len(outside) != 0 {
				t.Errorf("outside, %v is seen before the commit", outside)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestConnOutsideAUnitOfWorkOnlyReads(t *testing.T) {
	t.Parallel()
	db := newSQLite(t)
	makeNotes(t, db)
	if err := db.Conn(t.Context()).Exec("INSERT INTO notes (id) VALUES ('one')").Error; err == nil {
		t.Error("SQLite's reader wrote")
	}
}

func TestANestedUnitOfWorkIsAPartOfTheOuterOne(t *testing.T) {
	t.Parallel()
	eachWork(t, func(t *testing.T, db *database.DB, work *database.UnitOfWork, store *eventStore) {
		err := work.Do(t.Context(), func(ctx context.Context) error {
			failed := work.Do(ctx, func(ctx context.Context) error {
				return errors.Join(moveStone(ctx, t, db, "part"), errChangedMind)
			})
			if !errors.Is(failed, errChangedMind) {
				t.Errorf("the part: %v", failed)
			}
			if err := work.Do(ctx, func(ctx context.Context) error { return moveStone(ctx, t, db, "other part") }); err != nil {
				return err
			}
			if outside := notes(t, db); len(outside) != 0 {
				t.Errorf("%v is seen before the outer commit", outside)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"event of other part", "other part"}, notes(t, db)); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		if stored := store.only(t); stored.AggregateID != "other part" {
			t.Errorf("stored %+v", stored)
		}
	})
}

// Two units of work take two rows in opposite order, and PostgreSQL ends one of them. It
// starts over, from its load, and both counts are right in the end.
func TestUnitOfWorkStartsOverAfterADeadlock(t *testing.T) {
	t.Parallel()
	eachWork(t, func(t *testing.T, db *database.DB, work *database.UnitOfWork, _ *eventStore) {
		if db.Dialect == database.SQLite {
			t.Skip("SQLite has one writer, who cannot deadlock")
		}
		addNote(t, db.Direct(t.Context()), "one")
		addNote(t, db.Direct(t.Context()), "two")
		var bothHoldOne, done sync.WaitGroup
		bothHoldOne.Add(2)
		runs := make(chan string, 10)
		for _, order := range [][]string{{"one", "two"}, {"two", "one"}} {
			first := sync.OnceFunc(func() { bothHoldOne.Done(); bothHoldOne.Wait() })
			done.Go(func() {
				err := work.Do(t.Context(), func(ctx context.Context) error {
					runs <- order[0]
					if err := raise(ctx, db, order[0]); err != nil {
						return err
					}
					first()
					return raise(ctx, db, order[1])
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
		if len(runs) != 3 {
			t.Errorf("%d runs, want 3: of two, one starts over", len(runs))
		}
		for _, id := range []string{"one", "two"} {
			var version int
			if err := db.Conn(t.Context()).Raw("SELECT version FROM notes WHERE id = ?", id).Scan(&version).Error; err != nil {
				t.Fatal(err)
			}
			if version != 2 {
				t.Errorf("%s was raised to %d, want 2", id, version)
			}
		}
	})
}

// raise loads a row's version, waits for whoever holds the row, and stores one more.
func raise(ctx context.Context, db *database.DB, id string) error {
	var version int
	if err := db.Conn(ctx).Raw("SELECT version FROM notes WHERE id = ? FOR UPDATE", id).Scan(&version).Error; err != nil {
		return err
	}
	return db.Conn(ctx).Exec("UPDATE notes SET version = ? WHERE id = ?", version+1, id).Error
}

func eachWork(t *testing.T, test func(t *testing.T, db *database.DB, work *database.UnitOfWork, store *eventStore)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		makeNotes(t, db)
		store := &eventStore{}
		test(t, db, database.NewUnitOfWork(db, store), store)
	})
}

// moveStone is a use case: it records, writes and saves.
func moveStone(ctx context.Context, t *testing.T, db *database.DB, id string) error {
	t.Helper()
	s := newStone(id)
	s.move()
	addNote(t, db.Conn(ctx), id)
	return database.Saved(ctx, s)
}

func wantNothing(t *testing.T, db *database.DB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
	if left := notes(t, db); len(left) != 0 {
		t.Errorf("rows %v of a unit of work that failed", left)
	}
}

// eventStore keeps the envelopes it was given, and adds a note per event.
type eventStore struct {
	fail   error
	stored []event.Envelope
}

func (s *eventStore) Append(_ context.Context, tx *gorm.DB, events []event.Envelope) error {
	for _, e := range events {
		if err := tx.Exec("INSERT INTO notes (id) VALUES (?)", "event of "+e.AggregateID).Error; err != nil {
			return err
		}
		s.stored = append(s.stored, e)
	}
	return s.fail
}

func (s *eventStore) only(t *testing.T) event.Envelope {
	t.Helper()
	if len(s.stored) != 1 {
		t.Fatalf("%d events were stored, want 1", len(s.stored))
	}
	return s.stored[0]
}

// stone is an aggregate that can do one thing.
type stone struct{ event.Recorder }

func newStone(id string) *stone { return &stone{Recorder: event.Recall("test.Stone", id, 0)} }

func (s *stone) move() { s.Record(moved{}) }

type moved struct{}

func (moved) EventType() event.Type { return event.Type{Name: "test.Moved", Version: 1} }
