package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"gorm.io/gorm"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
	"tirage/internal/platform/event"
)

// Ledger is the database's side of delivery: the tables events, deliveries and
// delivery_attempts.
type Ledger struct {
	db     *database.DB
	events *bus.Events
	config Config
	log    *slog.Logger
	// offer hands tasks to the dispatcher, once their rows are committed.
	offer func([]Task)
}

// NewLedger returns the ledger in db for the subscriptions of events. After each
// commit it hands the new tasks to offer, which must neither block nor fail.
func NewLedger(db *database.DB, events *bus.Events, config Config, log *slog.Logger, offer func([]Task)) *Ledger {
	return &Ledger{db: db, events: events, config: config, log: log, offer: offer}
}

// Append stores events and a pending delivery for each of their subscribers in tx, and
// has the deliveries dispatched once tx is committed. It implements
// database.EventStore.
func (l *Ledger) Append(ctx context.Context, tx *gorm.DB, events []event.Envelope) error {
	if err := l.insertEvents(tx, events); err != nil {
		return err
	}
	rows, tasks := l.deliveriesOf(ctx, events)
	if len(rows) == 0 {
		return nil
	}
	if err := l.insertDeliveries(tx, rows); err != nil {
		return err
	}
	return database.AfterCommit(tx, func() {
		l.config.crashAt(crashAfterCommit, "")
		l.offer(tasks)
	})
}

func (l *Ledger) insertEvents(tx *gorm.DB, events []event.Envelope) error {
	values, args := make([]string, len(events)), make([]any, 0, 10*len(events))
	for i, e := range events {
		values[i] = "(?, ?, ?, ?, ?, ?, ?, " + l.db.Now() + ", ?, ?, ?)"
		args = append(args, e.ID, e.Type.Name, e.Type.Version, e.Aggregate, e.AggregateID, e.AggregateVersion,
			database.At(e.OccurredAt), e.CorrelationID, e.CausationID, string(e.Payload))
	}
	err := tx.Exec(`INSERT INTO events (id, type, version, aggregate, aggregate_id, aggregate_version,
		occurred_at, stored_at, correlation_id, causation_id, payload) VALUES `+strings.Join(values, ", "), args...).Error
	if err != nil {
		return fmt.Errorf("store events: %w", err)
	}
	return nil
}

// newDelivery is a row about to be inserted.
type newDelivery struct {
	ID
	queue bus.Queue
	// due is how long from now on the delivery is due.
	due time.Duration
}

func (l *Ledger) deliveriesOf(ctx context.Context, events []event.Envelope) (rows []newDelivery, tasks []Task) {
	for _, e := range events {
		headers := taskHeaders(ctx, e)
		for _, s := range l.events.SubscribersOf(e.Type) {
			id := ID{EventID: e.ID, Handler: s.Handler}
			rows = append(rows, newDelivery{ID: id, queue: s.Queue, due: s.Delay})
			if s.Delay == 0 {
				tasks = append(tasks, Task{ID: id, Queue: s.Queue, Generation: 1, Headers: headers})
			}
		}
	}
	return rows, tasks
}

func taskHeaders(ctx context.Context, e event.Envelope) map[string]string {
	headers := map[string]string{"correlation_id": e.CorrelationID, "causation_id": e.ID}
	otel.GetTextMapPropagator().Inject(ctx, propagation.MapCarrier(headers))
	return headers
}

// insertDeliveries is one statement for all rows. A row that exists is left alone,
// for the reconciler may find an event that lacks a row while its producer adds it.
func (l *Ledger) insertDeliveries(tx *gorm.DB, rows []newDelivery) error {
	now := l.db.Now()
	values, args := make([]string, len(rows)), make([]any, 0, 5*len(rows))
	for i, r := range rows {
		values[i] = "(?, ?, ?, 'pending', 1, 0, " + now + " + ?, " + now + " + ?, " + now + ")"
		check := r.due // a delayed delivery is published by the reconciler when it is due
		if r.due == 0 {
			check = l.config.Grace
		}
		args = append(args, r.EventID, r.Handler, string(r.queue), r.due.Microseconds(), check.Microseconds())
	}
	err := tx.Exec(`INSERT INTO deliveries (event_id, handler, queue, state, generation, attempts, due_at, check_at, created_at)
		VALUES `+strings.Join(values, ", ")+` ON CONFLICT (event_id, handler) DO NOTHING`, args...).Error
	if err != nil {
		return fmt.Errorf("store deliveries: %w", err)
	}
	return nil
}
