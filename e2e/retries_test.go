package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	reserveHandler = "stock.UpdateStockOnOrderCreated"
	confirmHandler = "order.ConfirmOrderOnEditionsNumbered"
)

// lateness is how much later than due an attempt may begin: Asynq keeps whole seconds, so
// we round up to the next, and this machine may be busy.
const lateness = 2 * time.Second

// A handler that fails twice, then succeeds: three attempts, about 1 s and 2 s apart. This
// test is not parallel, for it measures time.
func TestAHandlerThatFailsTwiceIsTriedAfterOneAndTwoSeconds(t *testing.T) {
	for name, open := range map[string]func(*testing.T) backend{
		"embedded": embedded, "containers": shared,
	} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t, open(t))
			s.fail(reserveHandler, "error", 2)
			p := s.order("TIDE-01-M", 1, cardApproved)
			s.awaitStatus(p, "confirmed")
			d := s.awaitDelivery(p, reserveHandler, "done")
			if diff := cmp.Diff([]string{"failed", "failed", "done"}, s.outcomes(d)); diff != "" {
				t.Fatalf("attempts: %s", diff)
			}
			attempts := s.attempts(d)
			for i, delay := range []time.Duration{time.Second, 2 * time.Second} {
				waited := attempts[i+1].StartedAt.Sub(attempts[i].FinishedAt.Time)
				if waited < delay || waited > delay+lateness {
					t.Errorf("attempt %d began %s after the one before, want %s to %s", i+2, waited, delay, delay+lateness)
				}
				t.Logf("attempt %d began %s after the one before, for a delay of %s", i+2, waited.Round(time.Millisecond), delay)
			}
			for i, a := range attempts {
				if a.Attempt != i+1 || a.Generation != 1 {
					t.Errorf("attempt %d is numbered %d of generation %d", i+1, a.Attempt, a.Generation)
				}
			}
		})
	}
}

// A handler that panics harms nobody: the stack is kept, and the next attempt succeeds.
func TestAHandlerThatPanicsIsTriedAgain(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		s.fail(confirmHandler, "panic", 1)
		p := s.order("TIDE-01-M", 1, cardApproved)
		s.awaitStatus(p, "confirmed")
		d := s.awaitDelivery(p, confirmHandler, "done")
		attempts := s.attempts(d)
		if diff := cmp.Diff([]string{"panicked", "done"}, s.outcomes(d)); diff != "" {
			t.Fatalf("attempts: %s", diff)
		}
		if a := attempts[0]; !strings.Contains(a.Error, "on purpose") || !strings.Contains(a.Stack, "goroutine") {
			t.Errorf("the panic left error %q and stack %q", a.Error, a.Stack)
		}
		if s.web.ended() || s.worker.ended() {
			t.Error("a panic ended a process")
		}
	})
}

// A handler that runs its whole effect and then fails has had none: what it does happens
// once, in the attempt that succeeds.
func TestAnEffectThatIsRolledBackHappensOnce(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		s.fail("stock.NumberEditionsOnPaymentReceived", "after_effect", 2)
		p := s.order("TIDE-03-L", 2, cardApproved)
		v := s.awaitStatus(p, "confirmed")
		if want := []edition{{"TIDE-03-L", 1, 3}, {"TIDE-03-L", 2, 3}}; !cmp.Equal(want, v.Editions) {
			t.Errorf("editions %v, want %v", v.Editions, want)
		}
	})
}

// A charge that was made, and whose worker failed after it, is not made again: it is asked
// for under the same key.
func TestAnExternalEffectIsRepeatedUnderTheSameKey(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		s.fail(chargeHandler, "after_effect", 2)
		p := s.order("TIDE-01-M", 1, cardApproved)
		s.awaitStatus(p, "confirmed")
		s.wantOneCharge(p, 3)
	})
}
