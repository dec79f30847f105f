package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/database/databasetest"
)

const rush = 200 // orders

// Redis is emptied while 200 orders are on their way, three times. The embedded Redis goes
// with its process: TestAKilledShopCompletesWhatIsOnItsWay.
func TestAnEmptiedRedisLosesNothing(t *testing.T) {
	t.Parallel()
	redis := ownRedis(t)
	s := openShop(t, containers(databasetest.PostgresURL(t), redis.url))
	s.pause(bus.Critical)
	orders := s.crowd(rush, s.buyOne)
	var began time.Time
	for _, confirmed := range []int{0, rush / 4, rush / 2} {
		open := s.awaitConfirmed(confirmed)
		if open == 0 {
			t.Fatal("all is done already")
		}
		if err := s.redis().FlushAll(t.Context()).Err(); err != nil { // which resumes what was paused
			t.Fatal(err)
		}
		t.Logf("emptied with %d of %d orders on their way", open, rush)
		began = time.Now()
	}
	if n := s.awaitAllConfirmed(); n != len(orders) {
		t.Errorf("%d orders were taken, there are %d", len(orders), n)
	}
	t.Logf("all was done %.1f s after Redis was emptied for the last time", time.Since(began).Seconds())
	s.wantNoFailure()
	if strings.Contains(s.worker.said.all(), "round failed") {
		t.Error("a round of the reconciler failed, and what it had not looked at had to wait")
	}
	await(t, "Asynq's tools to see the queues again", func() error {
		queues, err := s.inspector().Queues()
		if err == nil && len(queues) != len(bus.Queues()) {
			err = fmt.Errorf("they see %v", queues)
		}
		return err
	})
}

// Redis is killed, and later started again, empty, while customers buy. They notice nothing:
// orders are taken all the time, wait in the ledger, and are completed.
func TestTheShopSellsWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	redis := ownRedis(t)
	s := openShop(t, containers(databasetest.PostgresURL(t), redis.url))
	orders := s.crowd(40, s.buyOne) // some of them are on their way when Redis goes
	redis.kill()
	s.awaitReadiness("degraded")
	orders = append(orders, s.crowd(60, s.buyOne)...) // every one of which is answered 201
	for _, p := range orders {
		s.view(p)
	}
	if o := s.command("queue", "stats"); o.status != 0 || !strings.Contains(o.stderr, "Redis does not answer") {
		t.Errorf("queue stats: %s", o)
	}
	redis.start()
	began := time.Now()
	orders = append(orders, s.crowd(40, s.buyOne)...)
	s.awaitReadiness("ready")
	if n := s.awaitAllConfirmed(); n != len(orders) {
		t.Errorf("%d orders were taken, there are %d", len(orders), n)
	}
	t.Logf("all was done %.1f s after Redis was started again", time.Since(began).Seconds())
	s.wantNoFailure()
	for _, p := range orders {
		s.wantMails(p, "confirmation", "receipt")
	}
}

// The process is killed in a rush: while orders are placed, and again while they are worked
// off. On the embedded backend Redis is emptied by that. Whoever was told that their order
// is taken gets it.
func TestAKilledShopCompletesWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		answered := make(chan struct{}, rush)
		crowded := make(chan []placed)
		go func() {
			crowded <- s.crowd(rush, func(i int) (placed, error) {
				p, err := s.buyOne(i)
				if err == nil {
					answered <- struct{}{}
				}
				return p, nil // the others were not told that their order is taken
			})
		}()
		for range rush / 2 {
			select {
			case <-answered:
			case <-time.After(patience):
				t.Fatal("too few orders are taken")
			}
		}
		s.kill()
		taken := slices.DeleteFunc(<-crowded, func(p placed) bool { return p.ID == "" })
		s.start()
		taken = append(taken, s.crowd(rush-len(taken), s.buyOne)...)
		open := s.awaitConfirmed(rush / 4)
		if open == 0 {
			t.Fatal("all is done already")
		}
		s.kill()
		began := time.Now()
		s.start()
		stored := s.awaitAllConfirmed()
		t.Logf("killed with %d orders on their way; all was done %.1f s after the restart", open, time.Since(began).Seconds())
		if stored < len(taken) {
			t.Errorf("%d orders were taken, there are %d", len(taken), stored)
		}
		for _, p := range taken {
			if v := s.view(p); v.Status != "confirmed" {
				t.Errorf("order %s is %s", p.ID, v.Status)
			}
		}
	})
}

// awaitConfirmed waits until a number of orders are confirmed, and returns how many are not.
func (s *shop) awaitConfirmed(n int) (open int) {
	s.t.Helper()
	awaitFor(s.t, healing, fmt.Sprintf("%d orders to be confirmed", n), func() error {
		if have := s.count(`SELECT COUNT(*) FROM orders WHERE status = 'confirmed'`); have < n {
			return fmt.Errorf("%d are", have)
		}
		return nil
	})
	return s.count(`SELECT COUNT(*) FROM orders WHERE status <> 'confirmed'`)
}

// awaitReadiness waits until /readyz answers 200 and a status.
func (s *shop) awaitReadiness(status string) {
	s.t.Helper()
	await(s.t, "the shop to be "+status, func() error {
		a, err := s.try(http.MethodGet, "/readyz", nil)
		if err != nil {
			return err
		}
		var answer struct{ Status string }
		if err := a.into(&answer); err != nil {
			return err
		}
		if a.status != http.StatusOK || answer.Status != status {
			return fmt.Errorf("it answers %s", a)
		}
		return nil
	})
}

// wantNoFailure fails the test if any attempt counted as a failure.
func (s *shop) wantNoFailure() {
	s.t.Helper()
	var failures []string
	s.rows(&failures, `SELECT handler || ' ' || outcome || ': ' || error FROM delivery_attempts WHERE outcome <> 'done'`)
	if len(failures) > 0 {
		s.t.Errorf("%d attempts failed: %q", len(failures), failures[:min(len(failures), 5)])
	}
}
