package delivery

import (
	"context"
	"fmt"

	"tirage/internal/platform/database"
	"tirage/internal/platform/event"
)

// nextGeneration gives a pending delivery a new task id, and reports whether it was
// still of the task's generation and held by no other lease than the one seen.
func (l *Ledger) nextGeneration(ctx context.Context, t Task, lease string) (bool, error) {
	result := l.db.Conn(ctx).Exec(`UPDATE deliveries SET generation = generation + 1
		WHERE event_id = ? AND handler = ? AND state = 'pending' AND generation = ? AND lease = ?`,
		t.EventID, t.Handler, t.Generation, lease)
	if result.Error != nil {
		return false, fmt.Errorf("supersede %s: %w", t.ID, result.Error)
	}
	return result.RowsAffected == 1, nil
}

// event reads a stored event, without its payload.
func (l *Ledger) event(ctx context.Context, id string) (event.Envelope, error) {
	var row struct {
		Type, Aggregate, AggregateID, CorrelationID, CausationID string

		AggregateVersion int
		OccurredAt       database.Time
	}
	err := l.db.Conn(ctx).Raw(`SELECT type, aggregate, aggregate_id, aggregate_version, occurred_at, correlation_id, causation_id
		FROM events WHERE id = ?`, id).Scan(&row).Error
	if err != nil {
		return event.Envelope{}, fmt.Errorf("read event %s: %w", id, err)
	}
	return event.Envelope{
		ID: id, Type: event.Type{Name: row.Type}, Aggregate: row.Aggregate, AggregateID: row.AggregateID,
		AggregateVersion: row.AggregateVersion, OccurredAt: row.OccurredAt.Time,
		CorrelationID: row.CorrelationID, CausationID: row.CausationID,
	}, nil
}
