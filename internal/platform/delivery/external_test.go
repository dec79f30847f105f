package delivery_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"
	"gorm.io/gorm"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/delivery"
)

// subscribeExternal adds an external handler; its completion leaves the effect.
func (w *world) subscribeExternal(name string, call func(context.Context) error) {
	bus.SubscribeExternal(w.events, bus.Subscription{Handler: name, Queue: bus.Critical},
		func(ctx context.Context, e happened) (string, error) { return e.Thing, call(ctx) },
		func(ctx context.Context, e happened, _ string) error { return w.leaveEffect(ctx, name, e) })
}

func TestAnExternalHandlerIsCalledOnceByTwins(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		var calls atomic.Int32
		w.subscribeExternal("one.Calls", func(context.Context) error { calls.Add(1); return nil })
		w.build()
		w.astray.Store(true)
		id := w.happen("a")
		barrier := make(chan struct{})
		var running sync.WaitGroup
		for range 20 {
			running.Go(func() {
				<-barrier
				_ = w.worker.ProcessTask(t.Context(), taskOf(id, "one.Calls", "1")) // done, or asked to come back
			})
		}
		close(barrier)
		running.Wait()
		if n := calls.Load(); n != 1 {
			t.Errorf("%d calls", n)
		}
		if n := w.effects("one.Calls"); n != "1" {
			t.Errorf("%s effects", n)
		}
		w.awaitState(id, "one.Calls", delivery.Done)
	})
}

func TestAnExternalFailureCountsAndFreesTheLease(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.quickRetries()
		var calls atomic.Int32
		w.subscribeExternal("one.Calls", func(context.Context) error {
			if calls.Add(1) < 3 {
				return errors.New("the mail server refuses connections")
			}
			return nil
		})
		w.start()
		id := w.happen("a")
		w.awaitState(id, "one.Calls", delivery.Done)
		if diff := cmp.Diff([]string{"failed", "failed", "done"}, w.attempts(id, "one.Calls")); diff != "" {
			t.Error(diff)
		}
	})
}

// A worker that was slow beyond its lease must not complete what another took over.
func TestALostLeaseCannotComplete(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.subscribeExternal("one.Calls", func(context.Context) error {
			exec(t, w.db, "UPDATE deliveries SET lease = 'another'")
			return nil
		})
		w.build()
		w.astray.Store(true)
		id := w.happen("a")
		if err := w.worker.ProcessTask(t.Context(), taskOf(id, "one.Calls", "1")); err == nil {
			t.Error("the task was acknowledged")
		}
		if n := w.effects("one.Calls"); n != "0" {
			t.Errorf("%s effects", n)
		}
		if state := w.state(id, "one.Calls"); state != "pending" {
			t.Errorf("it is %s", state)
		}
	})
}

// Whoever looks at the row in the meantime, the reconciler for one, must not cost the
// worker its completion.
func TestCompletionWaitsForALockOnItsRow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		if w.db.Dialect != "postgres" {
			return // SQLite has no row locks
		}
		release, released := make(chan struct{}), make(chan error, 1)
		w.subscribeExternal("one.Calls", func(context.Context) error {
			locked := make(chan struct{})
			go func() {
				released <- w.db.Direct(context.Background()).Transaction(func(tx *gorm.DB) error {
					err := tx.Exec("SELECT 1 FROM deliveries FOR UPDATE").Error
					close(locked)
					<-release
					return err
				})
			}()
			<-locked
			time.AfterFunc(200*time.Millisecond, func() { close(release) })
			return nil
		})
		w.build()
		w.astray.Store(true)
		id := w.happen("a")
		if err := errors.Join(w.worker.ProcessTask(t.Context(), taskOf(id, "one.Calls", "1")), <-released); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]string{"done"}, w.attempts(id, "one.Calls")); diff != "" {
			t.Error(diff)
		}
	})
}

// A worker that vanishes in the middle leaves an expired lease. The next worker counts
// that as an attempt, so a message that kills its process dies too. A transactional
// handler is leased once its delivery went astray (generation 2 and on).
func TestAMessageThatKillsItsWorkersDies(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.subscribe("one.Kills", nil)
		w.build()
		w.astray.Store(true)
		id := w.happen("a")
		const vanished = "UPDATE deliveries SET generation = 2, lease = 'vanished', lease_until = 1, due_at = 1, attempts = ?"
		exec(t, w.db, vanished, 3)
		if err := w.worker.ProcessTask(t.Context(), taskOf(id, "one.Kills", "2")); !errors.Is(err, asynq.SkipRetry) {
			t.Errorf("Asynq is not told to archive it: %v", err)
		}
		if state := w.state(id, "one.Kills"); state != "dead" {
			t.Errorf("after its last attempt it is %s", state)
		}
		if n := w.effects("one.Kills"); n != "0" {
			t.Errorf("%s effects", n)
		}

		exec(t, w.db, vanished+", state = 'pending'", 0)
		if err := w.worker.ProcessTask(t.Context(), taskOf(id, "one.Kills", "2")); err != nil {
			t.Errorf("with attempts left, the next worker does not go on: %v", err)
		}
		if diff := cmp.Diff([]string{"vanished", "vanished", "done"}, w.attempts(id, "one.Kills")); diff != "" {
			t.Error(diff)
		}
	})
}
