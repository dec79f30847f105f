package e2e_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// crash is a point on an order's way at which a process is killed by SIGKILL.
type crash struct {
	at string // SHOP_CRASH_AT
	in role   // on containers, the process that dies; embedded there is but one
}

type role string

const (
	web    role = "web"
	worker role = "worker"
)

// crashes is every crash point, in the producer of the order, in a transactional handler
// and in two external ones.
var crashes = []crash{
	// Between commit and enqueue.
	{"after-commit", web},
	{"after-commit", worker},
	// Between enqueue and acknowledgement.
	{"after-enqueue=" + reserveHandler, web},
	{"after-enqueue=" + chargeHandler, worker},
	// Inside a handler, before its commit. An external one has made its call.
	{"before-handler-commit=" + reserveHandler, worker},
	{"before-handler-commit=" + chargeHandler, worker},
	{"before-handler-commit=" + confirmationHandler, worker},
	// After its commit, of which Asynq does not know.
	{"after-handler-commit=" + reserveHandler, worker},
	{"after-handler-commit=" + chargeHandler, worker},
	{"after-handler-commit=" + confirmationHandler, worker},
}

// Wherever a process is killed: when it is back, everything arrives, once.
func TestAfterACrashEverythingArrivesOnce(t *testing.T) {
	t.Parallel()
	for _, c := range crashes {
		t.Run(c.at+" in "+string(c.in), func(t *testing.T) {
			t.Parallel()
			backends(t, func(t *testing.T, b backend) { crashOnce(t, b, c) })
		})
	}
}

func crashOnce(t *testing.T, b backend, c crash) {
	s := openShop(t, b)
	dies := s.arm(c)
	// The answer may be lost with the process.
	if a, err := s.try(http.MethodPost, "/api/v1/orders", orderBody("TIDE-01-M", 2, cardApproved)); err == nil && a.status != http.StatusCreated {
		t.Fatalf("the shop answers %s", a)
	}
	if status := dies.awaitEnd(t); status != -1 {
		t.Fatalf("%s was not killed but ended with status %d", dies.name, status)
	}
	began := time.Now()
	s.revive()
	if orders := s.awaitAllConfirmed(); orders != 1 {
		t.Fatalf("there are %d orders", orders)
	}
	t.Logf("all was done %.1f s after the restart", time.Since(began).Seconds())

	var ids []string
	s.rows(&ids, `SELECT id FROM orders`)
	p := placed{ID: ids[0]}
	calls := map[string]int{chargeHandler: s.count(`SELECT SUM(calls) FROM simulator_charges`)}
	for _, l := range s.letters(p) {
		calls[mailHandlers[l.Template]] += l.Copies
	}
	// A call under way when its process died is made again, under the same key: never more
	// often than there were attempts. Of the handler that was killed after its call we know
	// that it called twice.
	for _, handler := range []string{chargeHandler, confirmationHandler, receiptHandler} {
		least, attempts := 1, len(s.outcomes(s.awaitDelivery(p, handler, "done")))
		if c.at == "before-handler-commit="+handler {
			least = 2
		}
		if n := calls[handler]; n < least || n > attempts {
			t.Errorf("%s called %d times in %d attempts, want %d at the least", handler, n, attempts, least)
		}
	}
	for _, d := range s.deliveries(p, "") {
		outcomes := s.outcomes(d)
		if i := slices.IndexFunc(outcomes, func(o string) bool { return o != "vanished" }); d.State == "done" && i != len(outcomes)-1 {
			t.Errorf("%s: the crash made the attempts %v", d.Handler, outcomes)
		}
	}
}

// mailHandlers is who sends a mail, by its template.
var mailHandlers = map[string]string{"confirmation": confirmationHandler, "receipt": receiptHandler}

// arm restarts the process that is to die so that it will, and returns it.
func (s *shop) arm(c crash) *process {
	s.t.Helper()
	if c.in == web {
		s.web.kill()
	} else {
		s.worker.kill()
	}
	s.revive("SHOP_CRASH_AT=" + c.at)
	if c.in == web {
		return s.web
	}
	return s.worker
}

// The crash points are after an external handler's call. This one is killed before it: the
// provider has not heard of the payment, and is asked once.
func TestAHandlerThatIsKilledBeforeItsCallMakesItLater(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		s.fail(chargeHandler, "slow", 1)
		p := s.order("TIDE-01-M", 1, cardApproved)
		s.awaitLease(chargeHandler)
		s.worker.kill()
		if calls := s.count(`SELECT COUNT(*) FROM simulator_charges`); calls != 0 {
			t.Fatal("the provider was asked already")
		}
		began := time.Now()
		s.revive()
		s.awaitAllConfirmed()
		t.Logf("all was done %.1f s after the restart", time.Since(began).Seconds())
		s.wantOneCharge(p, 1)
		if diff := cmp.Diff([]string{"vanished", "done"}, s.outcomes(s.awaitDelivery(p, chargeHandler, "done"))); diff != "" {
			t.Errorf("attempts: %s", diff)
		}
	})
}
