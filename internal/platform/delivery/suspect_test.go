package delivery_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// What a worker vanished over is run alone, so that it takes nobody with it if it kills
// its process again.
func TestASuspectIsRunAlone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		var atWork, neighbours atomic.Int32
		call := func(context.Context) error {
			atWork.Add(1)
			defer atWork.Add(-1)
			<-time.After(20 * time.Millisecond)
			return nil
		}
		w.subscribeExternal("one.IsInnocent", call)
		w.subscribeExternal("two.IsSuspect", func(ctx context.Context) error {
			err := call(ctx)
			neighbours.Add(atWork.Load())
			return err
		})
		w.build()
		w.astray.Store(true)
		var ids []string
		for i := range 8 {
			ids = append(ids, w.happen(fmt.Sprint(i)))
		}
		exec(t, w.db, "UPDATE deliveries SET generation = 2, lease = 'vanished', lease_until = 1 WHERE handler = 'two.IsSuspect'")
		var running sync.WaitGroup
		for _, id := range ids {
			running.Go(func() { _ = w.worker.ProcessTask(t.Context(), taskOf(id, "one.IsInnocent", "1")) })
			running.Go(func() { _ = w.worker.ProcessTask(t.Context(), taskOf(id, "two.IsSuspect", "2")) })
		}
		running.Wait()
		if n := neighbours.Load(); n != 0 {
			t.Errorf("others ran %d times while a suspect did", n)
		}
		for _, handler := range []string{"one.IsInnocent", "two.IsSuspect"} {
			if n := w.effects(handler); n != "8" {
				t.Errorf("%s has %s effects", handler, n)
			}
		}
	})
}

// A program that starts alone on its database does not know what killed the one before: it
// runs under a lease whatever was due, so that the next one knows.
func TestAProgramThatStartsAloneLeasesWhatWasDue(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		leased := ""
		w.subscribe("one.Kills", func(ctx context.Context, _ happened) error {
			return w.db.Conn(ctx).Raw("SELECT lease FROM deliveries").Scan(&leased).Error
		})
		w.build()
		w.astray.Store(true)
		id := w.happen("a")
		if err := w.ledger.FreeLeases(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.worker.ProcessTask(t.Context(), taskOf(id, "one.Kills", "2")); err != nil {
			t.Fatal(err)
		}
		if leased == "" {
			t.Error("it was run without a lease")
		}
	})
}
