package delivery

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
)

// Reconciler is the safety net. Whatever happened to processes and to Redis, it finds
// each delivery that is due and that nobody works on, and publishes it again. Any
// number of reconcilers may run side by side.
type Reconciler struct {
	ledger *Ledger
	work   *database.UnitOfWork
	broker *Broker
	events *bus.Events
	config Config
	log    *slog.Logger
	away   bool // Redis did not answer the last round
}

// NewReconciler returns a reconciler; Run makes it work.
func NewReconciler(ledger *Ledger, work *database.UnitOfWork, broker *Broker) *Reconciler {
	return &Reconciler{
		ledger: ledger, work: work, broker: broker, events: ledger.events, config: ledger.config, log: ledger.log,
	}
}

const (
	batchSize   = 200              // rows taken at once; small, for the embedded Redis slows down under bulk
	recheck     = 5 * time.Second  // until a row that was looked at is looked at again
	sweepEvery  = 15 * time.Second // for what changes seldom: subscriptions and archives
	sweepMargin = time.Minute      // how late a transaction may commit an event it stored
)

// Run reconciles until ctx is done: everything at once at the start, then a round each
// Config.ReconcileEvery. A round that fails is logged and the next one tries again.
func (r *Reconciler) Run(ctx context.Context) {
	ticker := time.NewTicker(r.config.ReconcileEvery)
	defer ticker.Stop()
	var swept time.Time
	for {
		sweep := time.Since(swept) >= sweepEvery
		if err := r.round(ctx, sweep); err != nil && ctx.Err() == nil {
			r.log.Warn("reconciler's round failed; the next one tries again", "error", err)
		} else if sweep && !r.away {
			swept = time.Now()
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (r *Reconciler) round(ctx context.Context, sweep bool) error {
	if err := r.broker.RegisterQueues(ctx); err != nil {
		if !r.away {
			r.log.Warn("Redis is away; deliveries wait in the ledger", "error", err)
		}
		r.away = true
		return nil
	}
	if r.away {
		r.log.Info("Redis is back")
		r.away = false
	}
	if sweep {
		if err := errors.Join(r.addMissing(ctx), r.giveUpRetired(ctx), r.sweepArchives(ctx)); err != nil {
			return err
		}
	}
	return r.publishDue(ctx)
}

// dueRow is a pending delivery that the reconciler looks at.
type dueRow struct {
	EventID       string
	Handler       string
	Queue         bus.Queue
	Generation    int
	Attempts      int
	Lease         string
	Overdue       int64 // microseconds since it was due
	CorrelationID string
}

func (d dueRow) task() Task {
	return Task{
		ID: ID{EventID: d.EventID, Handler: d.Handler}, Queue: d.Queue, Generation: d.Generation,
		Headers: map[string]string{"correlation_id": d.CorrelationID, "causation_id": d.EventID},
	}
}

// publishDue takes the rows whose time to be looked at has come, batch by batch. Their
// next look is set before Redis is asked, so no lock is held meanwhile and another
// reconciler takes other rows.
func (r *Reconciler) publishDue(ctx context.Context) error {
	for {
		rows, err := r.takeDue(ctx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := r.ensure(ctx, row); err != nil {
				return err // Redis is away again; the rows come up again after recheck
			}
		}
		if len(rows) < batchSize {
			return nil
		}
	}
}

func (r *Reconciler) takeDue(ctx context.Context) ([]dueRow, error) {
	now := r.ledger.db.Now()
	var rows []dueRow
	err := r.ledger.db.Direct(ctx).Raw(`UPDATE deliveries SET check_at = `+now+` + ?
		WHERE (event_id, handler) IN (
			SELECT event_id, handler FROM deliveries d
			WHERE state = 'pending' AND check_at <= `+now+` ORDER BY check_at LIMIT ?`+r.ledger.db.SkipLocked("d")+`)
			AND state = 'pending'
		RETURNING event_id, handler, queue, generation, attempts, lease, `+now+` - due_at AS overdue,
			(SELECT correlation_id FROM events WHERE events.id = deliveries.event_id) AS correlation_id`,
		recheck.Microseconds(), batchSize).Scan(&rows).Error
	return rows, err
}

// ensure sees to it that a task for the row is in Redis and will run.
func (r *Reconciler) ensure(ctx context.Context, row dueRow) error {
	t := row.task()
	err := r.broker.Publish(ctx, t)
	if !errors.Is(err, errTaskExists) {
		return err
	}
	standing, err := r.broker.standing(ctx, t, time.Duration(row.Overdue)*time.Microsecond)
	if err != nil {
		return err
	}
	switch standing {
	case standsWell:
		return nil
	case standsNowhere: // it went away between our two calls
		if err := r.broker.Publish(ctx, t); !errors.Is(err, errTaskExists) {
			return err
		}
		return nil // and was there again for the third
	case standsStuck:
		return r.supersede(ctx, row, false)
	case standsOrphaned:
		// What holds a lease is counted by the worker that takes the lease over. From the
		// second generation on nothing is run without one, so there it had not begun.
		return r.supersede(ctx, row, row.Lease == "" && row.Generation == 1)
	}
	return nil
}

// supersede replaces a task that will never run by the next generation, and counts the
// attempt of a worker that vanished.
func (r *Reconciler) supersede(ctx context.Context, row dueRow, vanished bool) error {
	t := row.task()
	lost := failure{Task: t, attempts: row.Attempts, outcome: Vanished, err: errVanished}
	var dead, superseded bool
	err := r.work.Do(ctx, func(ctx context.Context) (err error) {
		dead = false
		if vanished {
			if dead, err = r.ledger.recordFailure(ctx, lost, r.config.Policies[row.Queue]); err != nil || dead {
				return err
			}
		}
		superseded, err = r.ledger.nextGeneration(ctx, t, row.Lease)
		return err
	})
	if err != nil {
		return err
	}
	if dead || (vanished && superseded) {
		lostEvent, err := r.ledger.event(ctx, t.EventID)
		if err != nil {
			return err
		}
		r.ledger.logFailure(lost, lostEvent, dead)
	}
	if !superseded || vanished {
		return nil // a vanished attempt is due again after its delay
	}
	t.Generation++
	return r.broker.Publish(ctx, t)
}
