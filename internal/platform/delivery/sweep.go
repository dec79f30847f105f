package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
)

// Subscribe stores this program's subscriptions, each with the moment it began. An
// event that is stored later owes the subscriber a delivery even when the program
// that stored it did not know of the subscription.
func (l *Ledger) Subscribe(ctx context.Context) error {
	now := l.db.Now()
	for _, s := range l.events.Subscriptions() {
		err := l.db.Direct(ctx).Exec(`INSERT INTO subscriptions (handler, event_type, started_at, swept_at)
			VALUES (?, ?, `+now+`, `+now+`) ON CONFLICT (handler) DO NOTHING`, s.Handler, s.Event().Name).Error
		if err != nil {
			return fmt.Errorf("store subscription %s: %w", s.Handler, err)
		}
	}
	return nil
}

// addMissing adds the rows that events owe our subscriptions: those that a program
// without the subscription stored since the last sweep.
func (r *Reconciler) addMissing(ctx context.Context) error {
	began, err := r.ledger.now(ctx)
	if err != nil {
		return err
	}
	for _, s := range r.events.Subscriptions() {
		if err := r.addMissingFor(ctx, s, began); err != nil {
			return fmt.Errorf("add missing deliveries of %s: %w", s.Handler, err)
		}
	}
	return nil
}

func (r *Reconciler) addMissingFor(ctx context.Context, s bus.Subscription, began time.Time) error {
	db := r.ledger.db
	// The margin covers transactions that stored an event before the last sweep and
	// committed it after.
	added := db.Direct(ctx).Exec(`INSERT INTO deliveries
			(event_id, handler, queue, state, generation, attempts, due_at, check_at, created_at)
		SELECT e.id, s.handler, ?, 'pending', 1, 0, e.stored_at + ?, e.stored_at + ?, `+db.Now()+`
		FROM subscriptions s JOIN events e ON e.type = s.event_type
			AND e.stored_at >= s.started_at AND e.stored_at >= s.swept_at - ?
		WHERE s.handler = ? AND NOT EXISTS (
			SELECT 1 FROM deliveries d WHERE d.event_id = e.id AND d.handler = s.handler)
		ON CONFLICT (event_id, handler) DO NOTHING`,
		string(s.Queue), s.Delay.Microseconds(), s.Delay.Microseconds(), sweepMargin.Microseconds(), s.Handler)
	if added.Error != nil {
		return added.Error
	}
	if added.RowsAffected > 0 {
		r.log.Info("added deliveries that an older program did not know of", "handler", s.Handler, "count", added.RowsAffected)
	}
	return db.Direct(ctx).Exec(`UPDATE subscriptions SET swept_at = ? WHERE handler = ? AND swept_at < ?`,
		database.At(began), s.Handler, database.At(began)).Error
}

// giveUpRetired removes what is owed to handlers that exist no more, again and again,
// for an older program may still be at work and add to it.
func (r *Reconciler) giveUpRetired(ctx context.Context) error {
	for _, handler := range r.events.Retired() {
		removed := r.ledger.db.Direct(ctx).Exec(`UPDATE deliveries
			SET state = 'removed', error = 'the subscription was retired', settled_at = `+r.ledger.db.Now()+`
			WHERE handler = ? AND state = 'pending'`, handler)
		if removed.Error != nil {
			return fmt.Errorf("give up deliveries of %s: %w", handler, removed.Error)
		}
		if removed.RowsAffected > 0 {
			r.log.Warn("removed deliveries of a retired subscription", "handler", handler, "count", removed.RowsAffected)
		}
	}
	return nil
}

// sweepArchives deletes the archived tasks that nobody needs any more: their delivery
// is done or removed, or has a newer generation. The dead ones stay, for Asynq's tools
// to show.
func (r *Reconciler) sweepArchives(ctx context.Context) error {
	for _, queue := range bus.Queues() {
		for page := 1; ; page++ {
			tasks, err := r.broker.inspector.ListArchivedTasks(string(queue), asynq.Page(page), asynq.PageSize(archivePage))
			if errors.Is(err, asynq.ErrQueueNotFound) {
				break
			}
			if err != nil {
				return fmt.Errorf("list archived tasks of %s: %w", queue, err)
			}
			for _, info := range tasks {
				if err := r.sweepArchived(ctx, queue, info); err != nil {
					return err
				}
			}
			if len(tasks) < archivePage {
				break
			}
		}
	}
	return nil
}

const archivePage = 100

func (r *Reconciler) sweepArchived(ctx context.Context, queue bus.Queue, info *asynq.TaskInfo) error {
	t, err := taskFrom(asynq.NewTask(info.Type, info.Payload))
	if err != nil {
		return nil //nolint:nilerr // not one of ours; leave it to whoever archived it
	}
	var states []State
	err = r.ledger.db.Conn(ctx).Raw(`SELECT state FROM deliveries
		WHERE event_id = ? AND handler = ? AND generation = ?`, t.EventID, t.Handler, t.Generation).Scan(&states).Error
	if err != nil {
		return fmt.Errorf("look up %s: %w", t.ID, err)
	}
	if len(states) == 1 && (states[0] == Dead || states[0] == Pending) {
		return nil
	}
	err = r.broker.inspector.DeleteTask(string(queue), info.ID)
	if err != nil && !errors.Is(err, asynq.ErrTaskNotFound) {
		return fmt.Errorf("delete archived task %s: %w", info.ID, err)
	}
	return nil
}

// now reads the database's clock.
func (l *Ledger) now(ctx context.Context) (time.Time, error) {
	var now database.Time
	err := l.db.Conn(ctx).Raw("SELECT " + l.db.Now()).Scan(&now).Error
	return now.Time, err
}
