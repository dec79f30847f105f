package delivery

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"tirage/internal/platform/database"
)

// EventView is an event with what became of it.
type EventView struct {
	ID            string         `json:"id"`
	Type          string         `json:"type"`
	AggregateID   string         `json:"aggregate_id"`
	OccurredAt    database.Time  `json:"occurred_at"`
	CorrelationID string         `json:"correlation_id"`
	CausationID   string         `json:"causation_id"`
	Deliveries    []DeliveryView `json:"deliveries" gorm:"-"`
}

// DeliveryView is a delivery with its attempts.
type DeliveryView struct {
	EventID  string        `json:"-"`
	Handler  string        `json:"handler"`
	Queue    string        `json:"queue"`
	State    State         `json:"state"`
	DueAt    database.Time `json:"due_at"`
	Attempts []AttemptView `json:"attempts" gorm:"-"`
}

// AttemptView is one attempt of a delivery.
type AttemptView struct {
	EventID    string        `json:"-"`
	Handler    string        `json:"-"`
	Generation int           `json:"generation"`
	Attempt    int           `json:"attempt"`
	Outcome    Outcome       `json:"outcome"`
	Worker     string        `json:"worker"`
	StartedAt  database.Time `json:"started_at"`
	FinishedAt database.Time `json:"finished_at"`
	Error      string        `json:"error,omitempty"`
	Stack      string        `json:"stack,omitempty"`
}

// Timeline tells everything that one conversation caused: its events in the order they
// happened, each with its deliveries and their attempts. It leaves stacks out: customers
// see it.
func (d *Desk) Timeline(ctx context.Context, correlationID string) ([]EventView, error) {
	const ofConversation = `WHERE event_id IN (SELECT id FROM events WHERE correlation_id = ?) `
	var events []EventView
	var deliveries []DeliveryView
	var attempts []AttemptView
	reads := []struct {
		sql  string
		into any
	}{
		{`SELECT id, type, aggregate_id, occurred_at, correlation_id, causation_id FROM events
			WHERE correlation_id = ? ORDER BY occurred_at, id`, &events},
		{`SELECT event_id, handler, queue, state, due_at FROM deliveries ` + ofConversation + `ORDER BY handler`, &deliveries},
		{`SELECT event_id, handler, generation, attempt, outcome, worker, started_at, finished_at, error
			FROM delivery_attempts ` + ofConversation + `ORDER BY id`, &attempts},
	}
	// One moment: or a delivery could be seen as done without the events that came of it.
	err := d.db.Snapshot(ctx, func(tx *gorm.DB) error {
		for _, read := range reads {
			if err := tx.Raw(read.sql, correlationID).Scan(read.into).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read timeline %s: %w", correlationID, err)
	}
	return assemble(events, deliveries, attempts), nil
}

func assemble(events []EventView, deliveries []DeliveryView, attempts []AttemptView) []EventView {
	attemptsOf := map[ID][]AttemptView{}
	for _, a := range attempts {
		id := ID{EventID: a.EventID, Handler: a.Handler}
		attemptsOf[id] = append(attemptsOf[id], a)
	}
	deliveriesOf := map[string][]DeliveryView{}
	for _, d := range deliveries {
		d.Attempts = attemptsOf[ID{EventID: d.EventID, Handler: d.Handler}]
		deliveriesOf[d.EventID] = append(deliveriesOf[d.EventID], d)
	}
	for i := range events {
		events[i].Deliveries = deliveriesOf[events[i].ID]
	}
	return events
}
