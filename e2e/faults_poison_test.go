package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// poison is a message that kills the process of whoever runs it, before it can commit.
type poison struct {
	handler string
	// brew makes all ready; then serve has the shop send the message, about an order.
	brew func(s *shop) (serve func() placed)
	// cured is the order's state once the message has been handled.
	cured string
}

// poisons is one for each kind of handler. No order but the poisoned one comes their way.
var poisons = []poison{
	{rejectedHandler, func(s *shop) func() placed {
		return func() placed { return s.order("TIDE-04-L", 2, cardApproved) } // there is one
	}, "cancelled"},
	{refundHandler, func(s *shop) func() placed {
		p := s.order("TIDE-01-M", 1, cardApproved)
		s.awaitStatus(p, "confirmed")
		s.awaitQuiet()
		return func() placed {
			// The answer may be lost with the process.
			_, _ = s.try(http.MethodPost, "/api/v1/staff/orders/"+p.ID+"/refund", nil)
			return p
		}
	}, "refunded"},
}

// A message that kills its process each time it is run is dead after the policy's attempts,
// like any other. What is under way beside it arrives, even what is slow and is killed with
// it. Once the cause is gone, it can be retried.
func TestAMessageThatKillsItsProcessIsDeadInTheEnd(t *testing.T) {
	t.Parallel()
	for _, p := range poisons {
		t.Run(p.handler, func(t *testing.T) {
			t.Parallel()
			backends(t, p.test)
		})
	}
}

func (poison poison) test(t *testing.T, b backend) {
	s := openShop(t, b, "SHOP_PAYMENT_WINDOW=30m")
	serve := poison.brew(s)
	at := "before-handler-commit=" + poison.handler
	s.arm(crash{at, worker})
	s.fail(anotherCardHandler, "slow", -1)
	neighbour := s.order("TIDE-01-M", 1, cardDeclined)
	s.awaitLease(anotherCardHandler)
	p := serve()

	began, deaths := time.Now(), 0
	for s.awaitDeath(poison.handler) {
		if deaths++; deaths > 10 {
			t.Fatalf("it killed %d processes: %+v", deaths, s.deliveries(p, poison.handler))
		}
		s.revive("SHOP_CRASH_AT=" + at)
		// Others buy meanwhile. Whoever gets no answer, for the process died, has perhaps bought.
		s.crowd(10, func(i int) (placed, error) {
			bought, _ := s.buyOne(i)
			return bought, nil
		})
	}
	t.Logf("dead after it killed %d processes in %.0f s", deaths, time.Since(began).Seconds())
	d := s.deliveries(p, poison.handler)[0]
	if diff := cmp.Diff([]string{"vanished", "vanished", "vanished", "vanished"}, s.outcomes(d)); diff != "" {
		t.Errorf("attempts: %s", diff)
	}
	awaitFor(t, healing, "the bystanders' orders to be confirmed", func() error {
		if open := s.count(`SELECT COUNT(*) FROM orders WHERE status <> 'confirmed' AND id NOT IN (?, ?)`, p.ID, neighbour.ID); open > 0 {
			return fmt.Errorf("%d are not", open)
		}
		return nil
	})
	s.awaitQuiet()
	var dead []string
	s.rows(&dead, `SELECT event_id || ':' || handler FROM deliveries WHERE state = 'dead'`)
	if !slices.Equal(dead, []string{d.name()}) {
		t.Errorf("dead are %q", dead)
	}

	s.worker.kill()
	s.revive()
	if o := s.command("failed", "retry", d.name()); o.status != 0 {
		t.Fatalf("failed retry: %s", o)
	}
	s.awaitStatus(p, poison.cured)
	if d := s.awaitDelivery(p, poison.handler, "done"); d.Attempts != 1 {
		t.Errorf("after the retry it took %d attempts", d.Attempts)
	}
}

// awaitLease waits until a delivery for an external handler is under way.
func (s *shop) awaitLease(handler string) {
	s.t.Helper()
	await(s.t, handler+" to be under way", func() error {
		if s.count(`SELECT COUNT(*) FROM deliveries WHERE handler = ? AND lease <> ''`, handler) == 0 {
			return errors.New("it is not")
		}
		return nil
	})
}

// awaitDeath waits until the worker has died, which it tells, or the delivery of handler is
// dead.
func (s *shop) awaitDeath(handler string) (died bool) {
	s.t.Helper()
	awaitFor(s.t, healing, "a process or the delivery to die", func() error {
		died = s.worker.ended()
		if died || s.count(`SELECT COUNT(*) FROM deliveries WHERE handler = ? AND state = 'dead'`, handler) == 1 {
			return nil
		}
		return fmt.Errorf("%s is at work", s.worker.name)
	})
	return died
}
