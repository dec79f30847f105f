package e2e_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// `shop events` lists what travels, read from the wiring: it needs no shop to run.
func TestTheEventsCommandListsEveryEvent(t *testing.T) {
	t.Parallel()
	o := run(t, environment{}, "events", "--json")
	var catalogue []struct {
		Event       string
		Version     int
		Producer    string
		Subscribers []struct{ Handler, Queue, Delay, Retries string }
	}
	if err := json.Unmarshal([]byte(o.stdout), &catalogue); err != nil || o.status != 0 {
		t.Fatalf("%v: %s", err, o)
	}
	var expiry bool
	for _, e := range catalogue {
		if !strings.HasPrefix(e.Event, e.Producer+".") || e.Version != 1 {
			t.Errorf("event %+v", e)
		}
		for _, s := range e.Subscribers {
			if !slices.Contains([]string{"critical", "default", "low"}, s.Queue) || s.Retries != "3: 1s 2s 4s" {
				t.Errorf("subscriber %+v", s)
			}
			expiry = expiry || (e.Event == "order.OrderCreated" && s.Handler == "order.CancelUnpaidOrderOnOrderCreated" && s.Delay == "2m0s")
		}
	}
	if len(catalogue) < 13 || !expiry {
		t.Errorf("the catalogue lacks something: %s", o)
	}
	text := run(t, environment{"SHOP_PAYMENT_WINDOW": "7m"}, "events")
	for _, want := range []string{"EVENT", "order.OrderCreated", reserveHandler, "critical", "7m0s", "3: 1s 2s 4s"} {
		if text.status != 0 || !strings.Contains(text.stdout, want) {
			t.Errorf("it says nothing of %q: %s", want, text)
		}
	}
}

// The queues as text for people and as JSON for programs, from the ledger and from Redis.
func TestTheQueueStatsCommandMeasuresEveryQueue(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		s.fail(confirmHandler, "permanent", 1)
		p := s.order("TIDE-01-M", 1, cardApproved)
		s.wantArchived(p, s.awaitDelivery(p, confirmHandler, "dead"))
		s.awaitQuiet()
		var queues []struct {
			Queue       string
			Pending     int
			Dead        int
			Attempts    int
			FailureRate float64 `json:"failure_rate"`
			MeanRun     int64   `json:"mean_run_ns"`
			Tasks       *struct{ Size, Archived int }
		}
		s.commandJSON(&queues, "queue", "stats", "--json")
		if len(queues) != 3 || queues[0].Queue != "critical" || queues[1].Queue != "default" || queues[2].Queue != "low" {
			t.Fatalf("queues %+v", queues)
		}
		critical := queues[0]
		if critical.Pending != 1 || critical.Dead != 1 || critical.Tasks == nil || critical.Tasks.Archived != 1 {
			t.Errorf("one is pending for the payment window and one is dead, not %+v", critical)
		}
		if critical.Attempts < 5 || critical.FailureRate <= 0 || critical.FailureRate >= 1 || critical.MeanRun <= 0 {
			t.Errorf("attempts: %+v", critical)
		}
		text := s.command("queue", "stats")
		if text.status != 0 || strings.Count(text.stdout, "\n") != 4 || !strings.Contains(text.stdout, "ARCHIVED") {
			t.Errorf("queue stats: %s", text)
		}
	})
}

// Where Redis is away the ledger's figures are still told, and that they are only those.
func TestTheQueueStatsCommandWorksWithoutRedis(t *testing.T) {
	t.Parallel()
	s := openShop(t, embedded(t))
	s.awaitStatus(s.order("TIDE-01-M", 1, cardApproved), "confirmed")
	s.stop() // and its Redis with it
	o := s.command("queue", "stats", "--json")
	var queues []struct {
		Attempts int
		Tasks    *struct{}
	}
	if err := json.Unmarshal([]byte(o.stdout), &queues); err != nil || o.status != 0 || !strings.Contains(o.stderr, "Redis does not answer") {
		t.Fatalf("%v: %s", err, o)
	}
	if len(queues) != 3 || queues[0].Tasks != nil || queues[0].Attempts < 5 {
		t.Errorf("queues %+v", queues)
	}
}
