package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"tirage/internal/platform/bus"
)

// QueueStats is a queue as Redis and the ledger see it now.
type QueueStats struct {
	Queue bus.Queue `json:"queue"`
	// Redis' side, from Asynq: tasks by state. Nil when Redis does not answer.
	Tasks *TaskCounts `json:"tasks"`
	// The ledger's side.
	Pending   int           `json:"pending"`
	Dead      int           `json:"dead"`
	OldestDue time.Duration `json:"oldest_due_ns"` // how long the oldest due delivery waits
	// Attempts that ended in the last hour, and how they went.
	Attempts    int           `json:"attempts"`
	FailureRate float64       `json:"failure_rate"` // from 0 to 1
	MeanRun     time.Duration `json:"mean_run_ns"`
}

// TaskCounts counts a queue's tasks in Redis by state.
type TaskCounts struct {
	Size      int  `json:"size"`
	Pending   int  `json:"pending"`
	Active    int  `json:"active"`
	Scheduled int  `json:"scheduled"`
	Retry     int  `json:"retry"`
	Archived  int  `json:"archived"`
	Paused    bool `json:"paused"`
}

// Stats measures every queue. inspector may be nil where Redis cannot be reached.
func (d *Desk) Stats(ctx context.Context, inspector *asynq.Inspector) ([]QueueStats, error) {
	all := make([]QueueStats, 0, len(bus.Queues()))
	for _, queue := range bus.Queues() {
		stats, err := d.ledgerStats(ctx, queue)
		if err != nil {
			return nil, fmt.Errorf("measure queue %s: %w", queue, err)
		}
		if inspector != nil {
			if stats.Tasks, err = taskCounts(inspector, queue); err != nil {
				return nil, fmt.Errorf("ask Redis about queue %s: %w", queue, err)
			}
		}
		all = append(all, stats)
	}
	return all, nil
}

func (d *Desk) ledgerStats(ctx context.Context, queue bus.Queue) (QueueStats, error) {
	now := d.db.Now()
	stats := QueueStats{Queue: queue}
	var current struct {
		Pending, Dead int
		Oldest        int64
	}
	err := d.db.Conn(ctx).Raw(`SELECT
			COUNT(CASE WHEN state = 'pending' THEN 1 END) AS pending,
			COUNT(CASE WHEN state = 'dead' THEN 1 END) AS dead,
			COALESCE(MAX(CASE WHEN state = 'pending' THEN `+now+` - due_at END), 0) AS oldest
		FROM deliveries WHERE queue = ? AND state IN ('pending', 'dead')`, string(queue)).Scan(&current).Error
	if err != nil {
		return stats, err
	}
	var hour struct {
		Attempts, Failed int
		Mean             float64
	}
	err = d.db.Conn(ctx).Raw(`SELECT COUNT(*) AS attempts,
			COUNT(CASE WHEN a.outcome <> 'done' THEN 1 END) AS failed,
			COALESCE(AVG(a.finished_at - a.started_at), 0) AS mean
		FROM delivery_attempts a JOIN deliveries d ON d.event_id = a.event_id AND d.handler = a.handler
		WHERE d.queue = ? AND a.finished_at > `+now+` - ?`, string(queue), time.Hour.Microseconds()).Scan(&hour).Error
	if err != nil {
		return stats, err
	}
	stats.Pending, stats.Dead = current.Pending, current.Dead
	stats.OldestDue = time.Duration(max(current.Oldest, 0)) * time.Microsecond
	stats.Attempts = hour.Attempts
	stats.MeanRun = time.Duration(hour.Mean) * time.Microsecond
	if hour.Attempts > 0 {
		stats.FailureRate = float64(hour.Failed) / float64(hour.Attempts)
	}
	return stats, nil
}

func taskCounts(inspector *asynq.Inspector, queue bus.Queue) (*TaskCounts, error) {
	info, err := inspector.GetQueueInfo(string(queue))
	if errors.Is(err, asynq.ErrQueueNotFound) {
		return &TaskCounts{}, nil
	}
	if err != nil {
		return nil, err
	}
	return &TaskCounts{
		Size: info.Size, Pending: info.Pending, Active: info.Active, Scheduled: info.Scheduled,
		Retry: info.Retry, Archived: info.Archived, Paused: info.Paused,
	}, nil
}
