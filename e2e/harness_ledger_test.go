package e2e_test

import (
	"context"
	"fmt"

	"github.com/hibiken/asynq"

	"tirage/internal/platform/database"
)

// deliveryRow is a row of the ledger, with the type of its event.
type deliveryRow struct {
	EventID    string
	EventType  string
	Handler    string
	Queue      string
	State      string
	Generation int
	Attempts   int
	Error      string
	DueAt      database.Time
}

// name is "event:handler", as `shop failed` wants it.
func (d deliveryRow) name() string { return d.EventID + ":" + d.Handler }

// taskID is what the delivery's task is called in Asynq.
func (d deliveryRow) taskID() string { return fmt.Sprintf("%s:%d", d.name(), d.Generation) }

// attemptRow is one attempt of a delivery.
type attemptRow struct {
	Generation int
	Attempt    int
	Outcome    string
	StartedAt  database.Time
	FinishedAt database.Time
	Error      string
	Stack      string
}

// rows reads from the shop's database; into is a pointer to a slice, of structs or of
// values of one column.
func (s *shop) rows(into any, sql string, arguments ...any) {
	s.t.Helper()
	if err := s.db.Conn(context.Background()).Raw(sql, arguments...).Scan(into).Error; err != nil {
		s.t.Fatal(err)
	}
}

// count reads one number from the shop's database.
func (s *shop) count(sql string, arguments ...any) (n int) {
	s.t.Helper()
	s.rows(&n, sql, arguments...)
	return n
}

// deliveries lists what the ledger has of an order's conversation for a handler; for every
// handler when it is "".
func (s *shop) deliveries(p placed, handler string) (rows []deliveryRow) {
	s.t.Helper()
	s.rows(&rows, `SELECT d.event_id, e.type AS event_type, d.handler, d.queue, d.state, d.generation, d.attempts, d.error, d.due_at
		FROM deliveries d JOIN events e ON e.id = d.event_id
		WHERE e.correlation_id = ? AND ? IN (d.handler, '') ORDER BY e.id, d.handler`, p.ID, handler)
	return rows
}

// awaitDelivery waits until an order's one delivery for a handler is in a state: pending,
// done, dead or removed.
func (s *shop) awaitDelivery(p placed, handler, state string) (d deliveryRow) {
	s.t.Helper()
	await(s.t, handler+" to be "+state, func() error {
		rows := s.deliveries(p, handler)
		if len(rows) != 1 || rows[0].State != state {
			return fmt.Errorf("deliveries: %+v", rows)
		}
		d = rows[0]
		return nil
	})
	return d
}

// attempts lists the attempts of a delivery, oldest first.
func (s *shop) attempts(d deliveryRow) (rows []attemptRow) {
	s.t.Helper()
	s.rows(&rows, `SELECT generation, attempt, outcome, started_at, finished_at, error, stack FROM delivery_attempts
		WHERE event_id = ? AND handler = ? ORDER BY id`, d.EventID, d.Handler)
	return rows
}

// outcomes is how the attempts of a delivery ended, oldest first.
func (s *shop) outcomes(d deliveryRow) (outcomes []string) {
	s.t.Helper()
	for _, a := range s.attempts(d) {
		outcomes = append(outcomes, a.Outcome)
	}
	return outcomes
}

// archived lists the tasks in Asynq's archive, of all queues.
func (s *shop) archived() (all []*asynq.TaskInfo) {
	s.t.Helper()
	inspector := s.inspector()
	queues, err := inspector.Queues()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, queue := range queues {
		tasks, err := inspector.ListArchivedTasks(queue, asynq.PageSize(1000))
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, tasks...)
	}
	return all
}
