package delivery_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/delivery"
)

func TestEverySubscriberHearsAnEventOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.subscribe("one.Hears", nil)
		w.subscribe("two.Hears", nil)
		w.start()
		id := w.happen("a")
		for _, handler := range []string{"one.Hears", "two.Hears"} {
			w.awaitState(id, handler, delivery.Done)
			if n := w.effects(handler); n != "1" {
				t.Errorf("%s left %s effects", handler, n)
			}
			if diff := cmp.Diff([]string{"done"}, w.attempts(id, handler)); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func TestRollbackPublishesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.subscribe("one.Hears", nil)
		w.start()
		err := w.work.Do(t.Context(), func(ctx context.Context) error {
			if err := record(ctx, "a"); err != nil {
				return err
			}
			return errors.New("changed my mind")
		})
		if err == nil {
			t.Fatal("the unit of work succeeded")
		}
		after := w.happen("b") // what is published later shows that nothing is on its way
		w.awaitState(after, "one.Hears", delivery.Done)
		for _, table := range []string{"events", "deliveries", "effects"} {
			if n := w.one("SELECT COUNT(*) FROM " + table); n != "1" {
				t.Errorf("%s has %s rows, want the second event's only", table, n)
			}
		}
	})
}

func TestFailureIsRetriedWithBackoff(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		var runs atomic.Int32
		w.subscribe("one.FailsTwice", func(context.Context, happened) error {
			if runs.Add(1) <= 2 {
				return errors.New("not today")
			}
			return nil
		})
		w.start()
		id := w.happen("a")
		w.awaitState(id, "one.FailsTwice", delivery.Done)
		if diff := cmp.Diff([]string{"failed", "failed", "done"}, w.attempts(id, "one.FailsTwice")); diff != "" {
			t.Error(diff)
		}
		if n := w.effects("one.FailsTwice"); n != "1" {
			t.Errorf("%s effects", n)
		}
		var started []int64
		if err := w.db.Conn(t.Context()).Raw("SELECT started_at FROM delivery_attempts ORDER BY id").Scan(&started).Error; err != nil {
			t.Fatal(err)
		}
		for i, least := range []time.Duration{time.Second, 2 * time.Second} {
			if waited := time.Duration(started[i+1]-started[i]) * time.Microsecond; waited < least {
				t.Errorf("retry %d came after %s, want at least %s", i+1, waited, least)
			}
		}
	})
}

func TestOutOfAttemptsIsDeadAndArchivedAndCanBeRetried(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.quickRetries()
		var heal atomic.Bool
		w.subscribe("one.Fails", func(context.Context, happened) error {
			if heal.Load() {
				return nil
			}
			return errors.New("never works")
		})
		w.subscribe("two.Hears", nil)
		w.start()
		w.reconcile()
		id := w.happen("a")
		w.awaitState(id, "one.Fails", delivery.Dead)
		if diff := cmp.Diff([]string{"failed", "failed", "failed", "failed"}, w.attempts(id, "one.Fails")); diff != "" {
			t.Error(diff)
		}
		w.awaitState(id, "two.Hears", delivery.Done) // a neighbour is unharmed
		w.await("the task is archived", func() bool { return len(w.archived(bus.Critical)) == 1 })
		if stored := w.archived(bus.Critical)[0].LastErr; strings.Contains(stored, "never works") {
			t.Errorf("Redis stores what the handler said: %q", stored)
		}

		desk, name := delivery.NewDesk(w.db), delivery.ID{EventID: id, Handler: "one.Fails"}
		dead, err := desk.List(t.Context(), delivery.Dead, 10)
		if err != nil || len(dead) != 1 || dead[0].ID() != name || dead[0].Error != "never works" {
			t.Fatalf("the desk lists %+v, %v", dead, err)
		}
		heal.Store(true)
		if err := desk.Retry(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		w.awaitState(id, "one.Fails", delivery.Done)
		if err := desk.Retry(t.Context(), name); !errors.Is(err, delivery.ErrNotDead) {
			t.Errorf("a done delivery can be retried: %v", err)
		}
		if n := w.effects("one.Fails"); n != "1" {
			t.Errorf("%s effects", n)
		}
	})
}

func TestARetriedDeliveryHasTheFullPolicyAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.quickRetries()
		w.subscribe("one.Fails", func(context.Context, happened) error { return errors.New("never works") })
		w.start()
		w.reconcile()
		id := w.happen("a")
		w.awaitState(id, "one.Fails", delivery.Dead)
		if err := delivery.NewDesk(w.db).Retry(t.Context(), delivery.ID{EventID: id, Handler: "one.Fails"}); err != nil {
			t.Fatal(err)
		}
		w.await("four more attempts", func() bool { return len(w.attempts(id, "one.Fails")) == 8 })
		w.awaitState(id, "one.Fails", delivery.Dead)
	})
}

func TestPermanentErrorsAndPanics(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.quickRetries()
		w.subscribe("one.IsBroken", func(context.Context, happened) error { return bus.Permanent(errors.New("no such thing")) })
		w.subscribe("two.Panics", func(context.Context, happened) error { panic("help") })
		w.start()
		id := w.happen("a")
		w.awaitState(id, "one.IsBroken", delivery.Dead)
		if diff := cmp.Diff([]string{"permanent"}, w.attempts(id, "one.IsBroken")); diff != "" {
			t.Error(diff)
		}
		w.awaitState(id, "two.Panics", delivery.Dead)
		_, attempts, err := delivery.NewDesk(w.db).Show(t.Context(), delivery.ID{EventID: id, Handler: "two.Panics"})
		if err != nil {
			t.Fatal(err)
		}
		if first := attempts[0]; first.Outcome != delivery.Panicked || !strings.Contains(first.Stack, "delivery_test.go") {
			t.Errorf("the panic's attempt is %+v", first)
		}
	})
}

func TestTheSameTaskManyTimesAtOnceHasOneEffect(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.subscribe("one.Hears", nil)
		w.build()
		w.astray.Store(true)
		id := w.happen("a")
		barrier := make(chan struct{})
		var running sync.WaitGroup
		for range 20 {
			running.Go(func() {
				<-barrier
				_ = w.worker.ProcessTask(t.Context(), taskOf(id, "one.Hears", "1")) // done, or asked to come back
			})
		}
		close(barrier)
		running.Wait()
		w.awaitState(id, "one.Hears", delivery.Done)
		if n := w.effects("one.Hears"); n != "1" {
			t.Errorf("%s effects", n)
		}
		if diff := cmp.Diff([]string{"done"}, w.attempts(id, "one.Hears")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnOldGenerationIsAcknowledgedAndNotRun(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.subscribe("one.Hears", nil)
		w.build()
		w.astray.Store(true)
		id := w.happen("a")
		exec(t, w.db, "UPDATE deliveries SET generation = 2")
		if err := w.worker.ProcessTask(t.Context(), taskOf(id, "one.Hears", "1")); err != nil {
			t.Errorf("the old task is not acknowledged: %v", err)
		}
		if n := w.effects("one.Hears"); n != "0" {
			t.Errorf("the old task had %s effects", n)
		}
	})
}

func TestWhatIsNotYetDueWaitsUncounted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		var runs atomic.Int32
		w.subscribe("one.Waits", func(context.Context, happened) error {
			if runs.Add(1) < 3 {
				return bus.NotYet(100*time.Millisecond, "somebody is not ready")
			}
			return nil
		})
		w.start()
		w.reconcile()
		id := w.happen("a")
		w.awaitState(id, "one.Waits", delivery.Done)
		if diff := cmp.Diff([]string{"done"}, w.attempts(id, "one.Waits")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestADelayedDeliveryComesLate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		later := bus.Subscription{Handler: "one.HearsLater", Queue: bus.Low, Delay: time.Second}
		bus.Subscribe(w.events, later, func(ctx context.Context, e happened) error { return w.leaveEffect(ctx, "one.HearsLater", e) })
		w.start()
		w.reconcile()
		id := w.happen("a")
		w.awaitState(id, "one.HearsLater", delivery.Done)
		early := w.one(`SELECT COUNT(*) FROM delivery_attempts a JOIN events e ON e.id = a.event_id WHERE a.started_at < e.stored_at + 1000000`)
		if early != "0" {
			t.Error("it came early")
		}
	})
}

func TestAHandlerThatTakesTooLongFails(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.quickRetries()
		w.config.HandlerTimeout = 50 * time.Millisecond
		w.subscribe("one.IsSlow", func(ctx context.Context, _ happened) error {
			<-ctx.Done()
			return nil // swallowed, and still no success
		})
		w.start()
		id := w.happen("a")
		w.awaitState(id, "one.IsSlow", delivery.Dead)
		if n := w.effects("one.IsSlow"); n != "0" {
			t.Errorf("%s effects", n)
		}
		if diff := cmp.Diff([]string{"failed", "failed", "failed", "failed"}, w.attempts(id, "one.IsSlow")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestALostDatabaseConnectionIsNoAttempt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		if w.db.Dialect != "postgres" {
			return // SQLite has no connection to lose
		}
		var runs atomic.Int32
		w.subscribe("one.LosesItsConnection", func(ctx context.Context, _ happened) error {
			if runs.Add(1) > 6 { // more often than there are attempts
				return nil
			}
			return w.db.Conn(ctx).Exec("SELECT pg_terminate_backend(pg_backend_pid())").Error
		})
		w.start()
		id := w.happen("a")
		w.awaitState(id, "one.LosesItsConnection", delivery.Done)
		if diff := cmp.Diff([]string{"done"}, w.attempts(id, "one.LosesItsConnection")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestStrangeTasks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.subscribe("one.Hears", nil)
		w.build()
		w.astray.Store(true)
		id := w.happen("a")
		exec(t, w.db, `UPDATE deliveries SET handler = 'one.IsNotInThisProgram'`)

		err := w.worker.ProcessTask(t.Context(), taskOf(id, "one.IsNotInThisProgram", "1"))
		if err == nil || errors.Is(err, asynq.SkipRetry) {
			t.Errorf("a task whose handler is in another program does not wait: %v", err)
		}
		if n := w.one("SELECT COUNT(*) FROM parked_tasks"); n != "0" {
			t.Error("it was parked")
		}

		for _, task := range []*asynq.Task{
			taskOf("no-such-event", "one.Hears", "1"),
			taskOf("no-such-event", "one.IsNotInThisProgram", "1"),
		} {
			if err := w.worker.ProcessTask(t.Context(), task); err != nil {
				t.Errorf("a task without a row is not taken out of the queue: %v", err)
			}
		}
		if n := w.one("SELECT COUNT(*) FROM parked_tasks"); n != "2" {
			t.Errorf("%s tasks are parked, want 2", n)
		}
	})
}

func TestAnUndecodableTaskIsParked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.subscribe("one.Hears", nil)
		w.start()
		client := asynq.NewClientFromRedisClient(w.redis.Publisher)
		if _, err := client.Enqueue(asynq.NewTask("one.Hears", []byte("\xff{"), asynq.Queue("critical"))); err != nil {
			t.Fatal(err)
		}
		w.await("it is parked", func() bool { return w.one("SELECT COUNT(*) FROM parked_tasks") == "1" })
	})
}

// quickRetries keeps the number of retries and shortens their delays.
func (w *world) quickRetries() {
	for queue, policy := range w.config.Policies {
		policy.Delay = time.Millisecond
		w.config.Policies[queue] = policy
	}
}

func (w *world) archived(queue bus.Queue) []*asynq.TaskInfo {
	w.t.Helper()
	tasks, err := w.broker.Inspector().ListArchivedTasks(string(queue))
	if err != nil && !errors.Is(err, asynq.ErrQueueNotFound) {
		w.t.Fatal(err)
	}
	return slices.Clip(tasks)
}
