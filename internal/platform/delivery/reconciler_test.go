package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
	"tirage/internal/platform/delivery"
	"tirage/internal/platform/event"
)

func TestWhatWasNeverPublishedIsPublished(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.subscribe("one.Hears", nil)
		w.start()
		w.astray.Store(true)
		id := w.happen("a")
		w.reconcile()
		w.awaitState(id, "one.Hears", delivery.Done)
	})
}

func TestAnEmptiedRedisIsRebuilt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.subscribe("one.Hears", nil)
		w.build()
		w.dispatcher.Start()
		var ids []string
		for i := range 50 {
			ids = append(ids, w.happen(fmt.Sprint(i)))
		}
		w.dispatcher.Stop()
		if n := w.size(bus.Critical); n != 50 {
			t.Fatalf("%d tasks are in Redis", n)
		}
		if err := w.redis.Publisher.FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		if err := w.worker.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(w.worker.Stop)
		w.reconcile()
		for _, id := range ids {
			w.awaitState(id, "one.Hears", delivery.Done)
		}
		if n := w.effects("one.Hears"); n != "50" {
			t.Errorf("%s effects", n)
		}
		w.await("Asynq's tools see the queues again", func() bool {
			queues, err := w.broker.Inspector().Queues()
			return err == nil && slices.Contains(queues, "critical")
		})
	})
}

func TestATaskThatAsynqArchivedByItselfIsReplaced(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.subscribe("one.Hears", nil)
		id := w.stuck(func(task string) {
			if err := w.broker.Inspector().ArchiveTask("critical", task); err != nil {
				t.Fatal(err)
			}
		})
		w.awaitState(id, "one.Hears", delivery.Done)
		w.await("the archived task is swept away", func() bool { return len(w.archived(bus.Critical)) == 0 })
	})
}

func TestTheTaskOfAVanishedWorkerIsReplacedAndCounted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.quickRetries()
		w.subscribe("one.Hears", nil)
		id := w.stuck(func(task string) { // as a worker leaves it that was killed half a minute ago
			move(t, w.redis.Publisher, task, "active", "active")
			expired := redis.Z{Score: float64(time.Now().Add(-time.Second).Unix()), Member: task}
			if err := w.redis.Publisher.ZAdd(t.Context(), "asynq:{critical}:lease", expired).Err(); err != nil {
				t.Fatal(err)
			}
		})
		w.awaitState(id, "one.Hears", delivery.Done)
		if diff := cmp.Diff([]string{"vanished", "done"}, w.attempts(id, "one.Hears")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestATaskWithoutALeaseIsReplaced(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.quickRetries()
		w.subscribe("one.Hears", nil)
		id := w.stuck(func(task string) { move(t, w.redis.Publisher, task, "active", "active") })
		w.awaitState(id, "one.Hears", delivery.Done)
	})
}

func TestAGhostTaskIsReplaced(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.subscribe("one.Hears", nil)
		id := w.stuck(func(task string) { // its hash says pending, and no list has it
			if err := w.redis.Publisher.LRem(t.Context(), "asynq:{critical}:pending", 0, task).Err(); err != nil {
				t.Fatal(err)
			}
			exec(t, w.db, "UPDATE deliveries SET due_at = due_at - 120000000") // long overdue
		})
		w.awaitState(id, "one.Hears", delivery.Done)
	})
}

func TestManyReconcilersAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.subscribe("one.Hears", nil)
		w.start()
		w.astray.Store(true)
		var ids []string
		for i := range 100 {
			ids = append(ids, w.happen(fmt.Sprint(i)))
		}
		for range 4 {
			w.reconcile()
		}
		for _, id := range ids {
			w.awaitState(id, "one.Hears", delivery.Done)
		}
		if n := w.effects("one.Hears"); n != "100" {
			t.Errorf("%s effects", n)
		}
	})
}

// An old program commits an event that a new subscriber wants.
func TestMissingRowsAreAdded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.subscribe("one.Hears", nil)
		w.build()
		before := w.happen("before") // the new subscription begins after this one
		w.subscribe("two.IsNew", nil)
		w.start()
		old := delivery.NewLedger(w.db, oldProgram(w), w.config, discard(), func([]delivery.Task) {})
		err := database.NewUnitOfWork(w.db, old).Do(t.Context(), func(ctx context.Context) error { return record(ctx, "after") })
		if err != nil {
			t.Fatal(err)
		}
		after := w.one("SELECT id FROM events WHERE aggregate_id = 'after'")
		if state := w.state(after, "two.IsNew"); state != "" {
			t.Fatalf("the old program knows the new subscriber: %s", state)
		}
		w.reconcile()
		w.awaitState(after, "two.IsNew", delivery.Done)
		if state := w.state(before, "two.IsNew"); state != "" {
			t.Errorf("what happened before the subscription is delivered too: %s", state)
		}
	})
}

func TestARetiredSubscribersRowsAreRemovedVisibly(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.events.Retire("two.IsRetired")
		w.subscribe("one.Hears", nil)
		w.build()
		w.astray.Store(true)
		id := w.happen("a")
		exec(t, w.db, "UPDATE deliveries SET handler = 'two.IsRetired'") // as an older program writes it
		w.reconcile()
		w.awaitState(id, "two.IsRetired", delivery.Removed)
		removed, err := delivery.NewDesk(w.db).List(t.Context(), delivery.Removed, 10)
		if err != nil || len(removed) != 1 || removed[0].Error == "" {
			t.Errorf("the desk lists %+v, %v", removed, err)
		}
	})
}

// oldProgram is the wiring without the new subscriber.
func oldProgram(w *world) *bus.Events {
	events := bus.NewEvents()
	events.Publishes(happened{})
	bus.Subscribe(events, bus.Subscription{Handler: "one.Hears", Queue: bus.Critical},
		func(ctx context.Context, e happened) error { return w.leaveEffect(ctx, "one.Hears", e) })
	return events
}

func TestRemoveGivesADeadDeliveryUp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.subscribe("one.IsBroken", func(context.Context, happened) error { return bus.Permanent(errors.New("no such thing")) })
		w.start()
		w.reconcile()
		id := w.happen("a")
		w.awaitState(id, "one.IsBroken", delivery.Dead)
		w.await("it is archived", func() bool { return len(w.archived(bus.Critical)) == 1 })
		desk := delivery.NewDesk(w.db)
		if err := desk.Remove(t.Context(), delivery.ID{EventID: id, Handler: "one.IsBroken"}); err != nil {
			t.Fatal(err)
		}
		if state := w.state(id, "one.IsBroken"); state != "removed" {
			t.Errorf("it is %s", state)
		}
		if err := desk.Remove(t.Context(), delivery.ID{EventID: event.NewID(), Handler: "x"}); !errors.Is(err, delivery.ErrNoDelivery) {
			t.Errorf("removing what does not exist: %v", err)
		}
	})
}

// stuck commits an event, lets wreck do something to its task in Redis before any
// worker sees it, and then starts the workers and a reconciler.
func (w *world) stuck(wreck func(taskID string)) string {
	w.t.Helper()
	w.build()
	w.dispatcher.Start()
	id := w.happen("a")
	w.dispatcher.Stop()
	wreck(id + ":one.Hears:1")
	if err := w.worker.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(w.worker.Stop)
	w.reconcile()
	return id
}

// move takes a pending task into another of Asynq's lists, without the lease that
// Asynq would give it.
func move(t *testing.T, client redis.UniversalClient, task, list, state string) {
	t.Helper()
	const prefix = "asynq:{critical}:"
	_, err := client.TxPipelined(t.Context(), func(p redis.Pipeliner) error {
		p.LRem(t.Context(), prefix+"pending", 0, task)
		p.LPush(t.Context(), prefix+list, task)
		p.HSet(t.Context(), prefix+"t:"+task, "state", state)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) size(queue bus.Queue) int {
	w.t.Helper()
	info, err := w.broker.Inspector().GetQueueInfo(string(queue))
	if errors.Is(err, asynq.ErrQueueNotFound) {
		return 0
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return info.Size
}
