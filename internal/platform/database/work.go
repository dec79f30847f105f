package database

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"gorm.io/gorm"

	"tirage/internal/platform/event"
)

// Aggregate is what a repository hands to the unit of work: something that embeds
// event.Recorder.
type Aggregate interface {
	Recorded() []event.Recorded
	ReleaseEvents() []event.Recorded
}

// EventStore stores the events of a unit of work in its transaction. The delivery
// ledger is one.
type EventStore interface {
	Append(ctx context.Context, tx *gorm.DB, events []event.Envelope) error
}

var (
	// ErrUnsaved is returned when an aggregate recorded events but was not saved, so
	// that a use case cannot forget to.
	ErrUnsaved = errors.New("aggregate recorded events but was not saved")
	// ErrNoUnitOfWork is returned by Track and Saved outside a unit of work.
	ErrNoUnitOfWork = errors.New("not in a unit of work")
)

// UnitOfWork runs functions in a transaction each, and stores the events of every
// aggregate they saved in that same transaction.
type UnitOfWork struct {
	db    *DB
	store EventStore
}

// NewUnitOfWork returns a UnitOfWork on db whose events go to store.
func NewUnitOfWork(db *DB, store EventStore) *UnitOfWork {
	return &UnitOfWork{db: db, store: store}
}

// work is one unit of work under way.
type work struct {
	tx      *gorm.DB
	tracked []Aggregate
	events  []event.Envelope
}

type workKey struct{}

func workFrom(ctx context.Context) (*work, bool) {
	w, ok := ctx.Value(workKey{}).(*work)
	return w, ok
}

// tries bounds how often Do starts over when the database refuses a transaction for
// reasons of concurrency alone.
const tries = 5

// Do runs fn in a transaction: committed when fn returns nil, rolled back when it
// returns an error or panics. Inside another unit of work it is a savepoint of that
// one. When the database reports a deadlock, a serialization failure or a busy file,
// Do runs fn again from the start, so fn must load whatever it decides on.
func (u *UnitOfWork) Do(ctx context.Context, fn func(context.Context) error) error {
	if outer, ok := workFrom(ctx); ok {
		return u.run(ctx, outer.tx, fn)
	}
	for try := 1; ; try++ {
		err := u.run(ctx, u.db.writer, fn)
		if try == tries || !IsConflict(err) {
			return err
		}
		pause := time.Duration(1<<try)*time.Millisecond + rand.N(5*time.Millisecond)
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(pause):
		}
	}
}

func (u *UnitOfWork) run(ctx context.Context, db *gorm.DB, fn func(context.Context) error) error {
	return db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		w := &work{tx: tx}
		if err := fn(context.WithValue(ctx, workKey{}, w)); err != nil {
			return err
		}
		return w.storeEvents(ctx, u.store)
	})
}

func (w *work) storeEvents(ctx context.Context, store EventStore) error {
	for _, a := range w.tracked {
		if unsaved := a.Recorded(); len(unsaved) > 0 {
			return fmt.Errorf("%w: %s recorded %s", ErrUnsaved, unsaved[0].AggregateID, unsaved[0].Fact.EventType().Name)
		}
	}
	if len(w.events) == 0 {
		return nil
	}
	return store.Append(ctx, w.tx, w.events)
}

// Track hands an aggregate that was loaded to the unit of work, which from then on
// refuses to commit while the aggregate holds unsaved events.
func Track(ctx context.Context, a Aggregate) error {
	w, ok := workFrom(ctx)
	if !ok {
		return ErrNoUnitOfWork
	}
	if !slices.Contains(w.tracked, a) {
		w.tracked = append(w.tracked, a)
	}
	return nil
}

// Saved releases the events of an aggregate that was just written into the unit of
// work, to be stored before it commits. They carry the trail of ctx.
func Saved(ctx context.Context, a Aggregate) error {
	if err := Track(ctx, a); err != nil {
		return err
	}
	w, _ := workFrom(ctx)
	for _, recorded := range a.ReleaseEvents() {
		sealed, err := event.Seal(recorded, event.TrailFrom(ctx))
		if err != nil {
			return err
		}
		w.events = append(w.events, sealed)
	}
	return nil
}
