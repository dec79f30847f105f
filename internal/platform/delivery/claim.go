package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tirage/internal/platform/database"
	"tirage/internal/platform/event"
)

// claimed is a delivery that this worker alone may run, with its event.
type claimed struct {
	event.Envelope

	Attempts int    // that failed so far
	Lease    string // the fence it is held by, if any
}

// errNotClaimed says that the delivery is not for us to run now; Ledger.whyNot tells
// the reason.
var errNotClaimed = errors.New("delivery not claimed")

// claim locks the row of a task in the transaction of ctx, provided that it is
// pending, due, of the task's generation, and not fenced off by a lease other than
// fence. It returns errNotClaimed otherwise. It never waits for a twin, but who holds
// the fence waits for whoever merely looks at the row: the work is done already.
func (l *Ledger) claim(ctx context.Context, t Task, fence string) (claimed, error) {
	now, lock := l.db.Now(), l.db.SkipLocked("d")
	if fence != "" {
		lock = l.db.Locked("d")
	}
	var rows []struct {
		Type             string
		Version          int
		Aggregate        string
		AggregateID      string
		AggregateVersion int
		OccurredAt       database.Time
		CorrelationID    string
		CausationID      string
		Payload          string
		Attempts         int
		Lease            string
	}
	err := l.db.Conn(ctx).Raw(`SELECT e.type, e.version, e.aggregate, e.aggregate_id, e.aggregate_version,
			e.occurred_at, e.correlation_id, e.causation_id, e.payload, d.attempts, d.lease
		FROM deliveries d JOIN events e ON e.id = d.event_id
		WHERE d.event_id = ? AND d.handler = ? AND d.state = 'pending' AND d.generation = ?
			AND d.due_at <= `+now+` AND (d.lease = ? OR d.lease_until < `+now+`)`+lock,
		t.EventID, t.Handler, t.Generation, fence).Scan(&rows).Error
	if err != nil {
		return claimed{}, fmt.Errorf("claim %s: %w", t.ID, err)
	}
	if len(rows) == 0 {
		return claimed{}, errNotClaimed
	}
	r := rows[0]
	return claimed{
		Envelope: event.Envelope{
			ID:               t.EventID,
			Type:             event.Type{Name: r.Type, Version: r.Version},
			Aggregate:        r.Aggregate,
			AggregateID:      r.AggregateID,
			AggregateVersion: r.AggregateVersion,
			OccurredAt:       r.OccurredAt.Time,
			CorrelationID:    r.CorrelationID,
			CausationID:      r.CausationID,
			Payload:          []byte(r.Payload),
		},
		Attempts: r.Attempts,
		Lease:    r.Lease,
	}, nil
}

// lease fences a claimed delivery off from every other worker until it is settled or
// the lease expires. It must be in the unit of work that claimed it.
func (l *Ledger) lease(ctx context.Context, t Task, c *claimed) error {
	c.Lease = event.NewID()
	now, until := l.db.Now(), l.config.lease()
	err := l.db.Conn(ctx).Exec(`UPDATE deliveries
		SET lease = ?, lease_until = `+now+` + ?, due_at = `+now+`, check_at = `+now+` + ?
		WHERE event_id = ? AND handler = ?`,
		c.Lease, until.Microseconds(), (until + l.config.Grace).Microseconds(), t.EventID, t.Handler).Error
	if err != nil {
		return fmt.Errorf("lease %s: %w", t.ID, err)
	}
	return nil
}

// release gives a lease back unused.
func (l *Ledger) release(ctx context.Context, t Task, fence string) error {
	return l.db.Direct(ctx).Exec(`UPDATE deliveries SET lease = '', lease_until = 0, check_at = `+l.db.Now()+` + ?
		WHERE event_id = ? AND handler = ? AND state = 'pending' AND lease = ?`,
		l.config.Grace.Microseconds(), t.EventID, t.Handler, fence).Error
}

// FreeLeases ends every lease and has all that is due looked at now. It is for a
// program that starts alone on its database: whoever held a lease is gone. Each of these
// deliveries may be what killed the program before, so it becomes a new generation, which
// is run under a lease.
func (l *Ledger) FreeLeases(ctx context.Context) error {
	err := l.db.Direct(ctx).Exec(`UPDATE deliveries SET lease_until = 0, generation = generation + 1, check_at = ` + l.db.Now() + `
		WHERE state = 'pending' AND due_at <= ` + l.db.Now()).Error
	if err != nil {
		return fmt.Errorf("free leases: %w", err)
	}
	return nil
}

// vanishedBefore reports whether a worker was never heard of again after it took this
// delivery on: that is on record, or a lease of it still stands.
func (l *Ledger) vanishedBefore(ctx context.Context, t Task) (bool, error) {
	var rows int
	err := l.db.Conn(ctx).Raw(`SELECT COUNT(*) FROM deliveries d WHERE event_id = ? AND handler = ? AND (lease <> ''
		OR EXISTS (SELECT 1 FROM delivery_attempts a
			WHERE a.event_id = d.event_id AND a.handler = d.handler AND a.outcome = 'vanished'))`,
		t.EventID, t.Handler).Scan(&rows).Error
	if err != nil {
		return false, fmt.Errorf("look up the attempts of %s: %w", t.ID, err)
	}
	return rows > 0, nil
}

// settle marks a claimed delivery done, in the transaction that holds its effect.
func (l *Ledger) settle(ctx context.Context, t Task, attempts int, started time.Time) error {
	tx := l.db.Conn(ctx)
	err := tx.Exec(`UPDATE deliveries SET state = 'done', attempts = ?, error = '', lease = '', lease_until = 0, settled_at = `+l.db.Now()+`
		WHERE event_id = ? AND handler = ?`, attempts+1, t.EventID, t.Handler).Error
	if err != nil {
		return fmt.Errorf("settle %s: %w", t.ID, err)
	}
	return l.recordAttempt(ctx, attempt{
		Task: t, Number: attempts + 1, Outcome: Succeeded, StartedAt: started, FinishedAt: time.Now(),
	})
}

// whyNot tells why a task could not be claimed: what to wait for, or that there is
// nothing left to do.
func (l *Ledger) whyNot(ctx context.Context, t Task) (reason, error) {
	var rows []struct {
		State      State
		Generation int
		Wait       int64 // microseconds until it is due
	}
	err := l.db.Conn(ctx).Raw(`SELECT state, generation, due_at - `+l.db.Now()+` AS wait FROM deliveries
		WHERE event_id = ? AND handler = ?`, t.EventID, t.Handler).Scan(&rows).Error
	switch {
	case err != nil:
		return reason{}, fmt.Errorf("look up delivery %s: %w", t.ID, err)
	case len(rows) == 0:
		return reason{unknown: true}, nil
	case rows[0].State != Pending || rows[0].Generation > t.Generation:
		return reason{settled: true}, nil
	}
	return reason{wait: max(twinPause, time.Duration(rows[0].Wait)*time.Microsecond)}, nil
}

// reason is what whyNot found.
type reason struct {
	unknown bool          // the ledger has no such row
	settled bool          // done, given up, or taken over by a newer generation
	wait    time.Duration // it is another's, or not due: come back then
}

// twinPause is how soon to come back when a twin holds the delivery.
const twinPause = time.Second
