package delivery

import (
	"context"
	"errors"
	"fmt"

	"tirage/internal/platform/database"
)

// Desk is where failed deliveries are seen and repaired. It works on the ledger alone:
// a running shop's reconciler carries out what is decided here.
type Desk struct{ db *database.DB }

// NewDesk returns the desk over the ledger in db.
func NewDesk(db *database.DB) *Desk { return &Desk{db: db} }

var (
	// ErrNoDelivery is returned for a delivery that the ledger does not have.
	ErrNoDelivery = errors.New("no such delivery")
	// ErrNotDead is returned when a delivery that is not dead is to be retried or removed.
	ErrNotDead = errors.New("the delivery is not dead")
)

// Entry is one delivery as the desk shows it.
type Entry struct {
	EventID       string        `json:"event_id"`
	Handler       string        `json:"handler"`
	Queue         string        `json:"queue"`
	EventType     string        `json:"event_type"`
	AggregateID   string        `json:"aggregate_id"`
	CorrelationID string        `json:"correlation_id"`
	State         State         `json:"state"`
	Generation    int           `json:"generation"`
	Attempts      int           `json:"attempts"`
	Error         string        `json:"error,omitempty"`
	DueAt         database.Time `json:"due_at"`
	SettledAt     database.Time `json:"settled_at"`
}

// ID names the delivery.
func (e Entry) ID() ID { return ID{EventID: e.EventID, Handler: e.Handler} }

const selectEntries = `SELECT d.event_id, d.handler, d.queue, e.type AS event_type, e.aggregate_id, e.correlation_id,
	d.state, d.generation, d.attempts, d.error, d.due_at, d.settled_at
	FROM deliveries d JOIN events e ON e.id = d.event_id `

// List returns up to limit deliveries of a state: the latest first, or, of those that
// are pending, the longest due.
func (d *Desk) List(ctx context.Context, state State, limit int) ([]Entry, error) {
	order := "d.settled_at DESC"
	if state == Pending {
		order = "d.due_at"
	}
	entries := []Entry{}
	err := d.db.Conn(ctx).Raw(selectEntries+`WHERE d.state = ? ORDER BY `+order+` LIMIT ?`, string(state), limit).
		Scan(&entries).Error
	if err != nil {
		return nil, fmt.Errorf("list %s deliveries: %w", state, err)
	}
	return entries, nil
}

// ParkedTask is a task that was found in Redis and that no ledger row knows.
type ParkedTask struct {
	TaskID   string        `json:"task_id"`
	Queue    string        `json:"queue"`
	Type     string        `json:"type"`
	Payload  string        `json:"payload"`
	Reason   string        `json:"reason"`
	ParkedAt database.Time `json:"parked_at"`
}

// Parked lists up to limit parked tasks, the latest first.
func (d *Desk) Parked(ctx context.Context, limit int) ([]ParkedTask, error) {
	tasks := []ParkedTask{}
	err := d.db.Conn(ctx).Raw(`SELECT task_id, queue, type, payload, reason, parked_at FROM parked_tasks
		ORDER BY id DESC LIMIT ?`, limit).Scan(&tasks).Error
	if err != nil {
		return nil, fmt.Errorf("list parked tasks: %w", err)
	}
	return tasks, nil
}

// Show returns one delivery, of any state, with its attempts, oldest first.
func (d *Desk) Show(ctx context.Context, id ID) (Entry, []AttemptView, error) {
	var entries []Entry
	err := d.db.Conn(ctx).Raw(selectEntries+`WHERE d.event_id = ? AND d.handler = ?`, id.EventID, id.Handler).
		Scan(&entries).Error
	if err != nil {
		return Entry{}, nil, fmt.Errorf("show delivery %s: %w", id, err)
	}
	if len(entries) == 0 {
		return Entry{}, nil, fmt.Errorf("%w: %s", ErrNoDelivery, id)
	}
	var attempts []AttemptView
	err = d.db.Conn(ctx).Raw(`SELECT generation, attempt, outcome, worker, started_at, finished_at, error, stack
		FROM delivery_attempts WHERE event_id = ? AND handler = ? ORDER BY id`, id.EventID, id.Handler).
		Scan(&attempts).Error
	if err != nil {
		return Entry{}, nil, fmt.Errorf("show attempts of %s: %w", id, err)
	}
	return entries[0], attempts, nil
}

// Retry makes a dead delivery pending again with a full policy, as a new generation.
func (d *Desk) Retry(ctx context.Context, id ID) error {
	now := d.db.Now()
	return d.decide(ctx, id, `UPDATE deliveries SET state = 'pending', generation = generation + 1, attempts = 0,
		due_at = `+now+`, check_at = `+now+`, settled_at = NULL
		WHERE event_id = ? AND handler = ? AND state = 'dead'`)
}

// Remove gives a dead delivery up. Its row stays, as removed.
func (d *Desk) Remove(ctx context.Context, id ID) error {
	return d.decide(ctx, id, `UPDATE deliveries SET state = 'removed', settled_at = `+d.db.Now()+`
		WHERE event_id = ? AND handler = ? AND state = 'dead'`)
}

func (d *Desk) decide(ctx context.Context, id ID, update string) error {
	result := d.db.Direct(ctx).Exec(update, id.EventID, id.Handler)
	if result.Error != nil {
		return fmt.Errorf("change delivery %s: %w", id, result.Error)
	}
	if result.RowsAffected == 1 {
		return nil
	}
	entry, _, err := d.Show(ctx, id)
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: %s is %s", ErrNotDead, id, entry.State)
}
