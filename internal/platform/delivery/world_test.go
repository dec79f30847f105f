package delivery_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"gorm.io/gorm"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
	"tirage/internal/platform/delivery"
	"tirage/internal/platform/delivery/redistest"
	"tirage/internal/platform/event"
)

// happened is the only event of these tests.
type happened struct {
	Thing string `json:"thing"`
}

func (happened) EventType() event.Type { return event.Type{Name: "test.Happened", Version: 1} }

// thing is the only aggregate.
type thing struct{ event.Recorder }

// world is a ledger, a Redis and the workers between them.
type world struct {
	t          *testing.T
	config     delivery.Config
	db         *database.DB
	redis      *delivery.Redis
	broker     *delivery.Broker
	events     *bus.Events
	ledger     *delivery.Ledger
	work       *database.UnitOfWork
	dispatcher *delivery.Dispatcher
	worker     *delivery.Worker
	// astray makes every task get lost between commit and Redis.
	astray atomic.Bool
}

// each runs a test on SQLite with the embedded Redis and on PostgreSQL with a real one.
func each(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		config := delivery.DefaultConfig()
		config.Worker = t.Name()
		config.Grace = 300 * time.Millisecond
		config.ReconcileEvery = 50 * time.Millisecond
		w := &world{t: t, config: config, db: db, redis: openRedis(t, db), events: bus.NewEvents()}
		w.events.Publishes(happened{})
		w.broker = delivery.NewBroker(w.redis.Publisher, config)
		exec(t, db, "CREATE TABLE effects (handler TEXT NOT NULL, thing TEXT NOT NULL)")
		test(t, w)
	})
}

func openRedis(t *testing.T, db *database.DB) *delivery.Redis {
	t.Helper()
	if db.Dialect == database.SQLite {
		embedded, err := delivery.StartEmbeddedRedis(t.Context(), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := embedded.Close(); err != nil {
				t.Error(err)
			}
		})
		return embedded.Redis
	}
	r, err := delivery.OpenRedis(t.Context(), redistest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// subscribe adds a transactional handler; handle nil only leaves its effect.
func (w *world) subscribe(name string, handle func(context.Context, happened) error) {
	bus.Subscribe(w.events, bus.Subscription{Handler: name, Queue: bus.Critical}, func(ctx context.Context, e happened) error {
		if handle != nil {
			if err := handle(ctx, e); err != nil {
				return err
			}
		}
		return w.leaveEffect(ctx, name, e)
	})
}

func (w *world) leaveEffect(ctx context.Context, handler string, e happened) error {
	return w.db.Conn(ctx).Exec("INSERT INTO effects (handler, thing) VALUES (?, ?)", handler, e.Thing).Error
}

// build makes ledger and worker of what is subscribed, without starting anything.
func (w *world) build() {
	w.t.Helper()
	log := discard()
	w.dispatcher = delivery.NewDispatcher(w.broker, w.config, log)
	w.ledger = delivery.NewLedger(w.db, w.events, w.config, log, func(tasks []delivery.Task) {
		if !w.astray.Load() {
			w.dispatcher.Offer(tasks)
		}
	})
	w.work = database.NewUnitOfWork(w.db, w.ledger)
	w.worker = delivery.NewWorker(w.redis.Worker, w.ledger, w.work)
	if err := w.ledger.Subscribe(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// start makes dispatcher and workers run until the test ends.
func (w *world) start() {
	w.t.Helper()
	w.build()
	w.dispatcher.Start()
	if err := w.worker.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		w.worker.Stop()
		w.dispatcher.Stop()
	})
}

// reconcile makes a reconciler run until the test ends.
func (w *world) reconcile() {
	ctx, stop := context.WithCancel(context.WithoutCancel(w.t.Context()))
	var running sync.WaitGroup
	running.Go(func() { delivery.NewReconciler(w.ledger, w.work, w.broker).Run(ctx) })
	w.t.Cleanup(func() { stop(); running.Wait() })
}

// happen commits one event and returns its id.
func (w *world) happen(name string) string {
	w.t.Helper()
	if err := w.work.Do(w.t.Context(), func(ctx context.Context) error { return record(ctx, name) }); err != nil {
		w.t.Fatal(err)
	}
	return w.one("SELECT id FROM events WHERE aggregate_id = ?", name)
}

func record(ctx context.Context, name string) error {
	a := &thing{event.Recall("test.Thing", name, 0)}
	a.Record(happened{Thing: name})
	return database.Saved(ctx, a)
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// taskOf is the task of an event's delivery as Asynq would hand it to a worker.
func taskOf(eventID, handler string, generation string) *asynq.Task {
	return asynq.NewTask(handler, []byte(`{"event_id":"`+eventID+`","generation":`+generation+`}`))
}

func exec(t *testing.T, db *database.DB, sql string, args ...any) {
	t.Helper()
	if err := db.Direct(t.Context()).Exec(sql, args...).Error; err != nil {
		t.Fatal(err)
	}
}

// one reads a single value as text.
func (w *world) one(sql string, args ...any) string {
	w.t.Helper()
	var values []string
	if err := w.db.Conn(w.t.Context()).Raw(sql, args...).Scan(&values).Error; err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		w.t.Fatal(err)
	}
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

func (w *world) effects(handler string) string {
	w.t.Helper()
	return w.one("SELECT COUNT(*) FROM effects WHERE handler = ?", handler)
}

func (w *world) state(eventID, handler string) string {
	w.t.Helper()
	return w.one("SELECT state FROM deliveries WHERE event_id = ? AND handler = ?", eventID, handler)
}

// attempts lists the outcomes of a delivery's attempts, in order.
func (w *world) attempts(eventID, handler string) []string {
	w.t.Helper()
	var outcomes []string
	err := w.db.Conn(w.t.Context()).Raw(`SELECT outcome FROM delivery_attempts WHERE event_id = ? AND handler = ? ORDER BY id`,
		eventID, handler).Scan(&outcomes).Error
	if err != nil {
		w.t.Fatal(err)
	}
	return outcomes
}

// await probes until it holds, for half a minute.
func (w *world) await(what string, holds func() bool) {
	w.t.Helper()
	deadline := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-deadline:
			w.t.Fatalf("never: %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (w *world) awaitState(eventID, handler string, want delivery.State) {
	w.t.Helper()
	w.await(handler+" is "+string(want), func() bool { return w.state(eventID, handler) == string(want) })
}
