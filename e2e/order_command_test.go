package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// report is what `shop order --json` prints.
type report struct {
	Order    orderView   `json:"order"`
	Editions []edition   `json:"editions"`
	Timeline []eventView `json:"timeline"`
}

// orderReport runs `shop order --json`, which must print a report however it ends.
func (s *shop) orderReport(arguments ...string) (r report, o output) {
	s.t.Helper()
	o = run(s.t, environment{}, append([]string{"order", "--url", s.url, "--wait", "60s", "--json"}, arguments...)...)
	if err := json.Unmarshal([]byte(o.stdout), &r); err != nil {
		s.t.Fatalf("shop order %s: %v: %s", strings.Join(arguments, " "), err, o)
	}
	return r, o
}

// `shop order` exits with 0 when the order is confirmed and with 3 when it was refused; its
// JSON holds the order, its edition numbers and its timeline.
func TestTheOrderCommandTellsHowItEnded(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)

		r, o := s.orderReport("--sku", "TIDE-04-L", "--quantity", "1", "--card", cardApproved)
		if o.status != 0 || r.Order.Status != "confirmed" || len(r.Editions) != 1 || r.Editions[0] != (edition{"TIDE-04-L", 1, 1}) {
			t.Errorf("an approved order: %s", o)
		}
		if n := len(r.Timeline); n != 6 || r.Timeline[0].Type != "order.OrderCreated" || r.Timeline[5].Type != "order.OrderConfirmed" {
			t.Errorf("%d events: %+v", n, r.Timeline)
		}
		for _, e := range r.Timeline {
			if e.CorrelationID != r.Order.ID || e.CausationID == "" || len(e.Deliveries) == 0 {
				t.Errorf("event %+v", e)
			}
			for _, d := range e.Deliveries {
				if d.State == "done" && (len(d.Attempts) != 1 || d.Attempts[0].Outcome != "done") || d.Queue == "" || d.Handler == "" {
					t.Errorf("delivery %+v", d)
				}
			}
		}

		if r, o := s.orderReport("--sku", "TIDE-04-L"); o.status != 3 || r.Order.Status != "cancelled" || r.Order.Reason != "sold_out" || !strings.Contains(o.stderr, "sold_out") {
			t.Errorf("sold out: %s", o)
		}
		if r, o := s.orderReport("--sku", "TIDE-04-M", "--card", cardDeclined); o.status != 3 || r.Order.Status != "reserved" || !strings.Contains(o.stderr, "declined") {
			t.Errorf("declined: %s", o)
		}
		if r, o := s.orderReport("--sku", "TIDE-04-M", "--card", cardBroken); o.status != 1 || r.Order.Status != "reserved" || !strings.Contains(o.stderr, chargeHandler+" is dead") {
			t.Errorf("stuck: %s", o)
		}
		if r, o := s.orderReport(); o.status != 0 || len(r.Order.Lines) != 1 || r.Order.Lines[0].SKU == "" {
			t.Errorf("an order of anything: %s", o)
		}
		if r, o := s.orderReport("--quantity", "20"); o.status != 0 || len(r.Editions) != 20 {
			t.Errorf("20 copies of anything: %s", o)
		}
	})
}

// Without --json it tells the story as it happens.
func TestTheOrderCommandTellsTheStory(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		o := s.command("order", "--sku", "TIDE-04-L", "--card", cardTimeout)
		for _, want := range []string{
			"order.OrderCreated", "order.OrderConfirmed", chargeHandler + ": failed", "timed out", chargeHandler + ": done",
			"is confirmed", "Yours is TIDE-04-L 1/1",
		} {
			if o.status != 0 || !strings.Contains(o.stdout, want) {
				t.Fatalf("it says nothing of %q: %s", want, o)
			}
		}
	})
}

// It exits with 1, and one line that says why, when it cannot tell.
func TestTheOrderCommandFails(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		s.fail(reserveHandler, "error", 3) // some 7 s
		for _, mistake := range []struct {
			says      string
			arguments []string
		}{
			{"is it running", []string{"--url", "http://127.0.0.1:1"}},
			{"unknown SKU", []string{"--sku", "NOBODY-01-M"}},
			{"422", []string{"--sku", "TIDE-01-M", "--quantity", "0"}},
			{"422", []string{"--sku", "TIDE-01-M", "--quantity", "1000"}},
			{"card", []string{"--sku", "TIDE-01-M", "--card", "4242 4242 4242 4243"}},
			{"nothing is available", []string{"--quantity", "1000"}},
			{"not settled (placed)", []string{"--sku", "TIDE-01-M", "--wait", "3s"}},
		} {
			o := s.command(append([]string{"order"}, mistake.arguments...)...)
			if o.status != 1 || !strings.Contains(o.stderr, mistake.says) || strings.Count(o.stderr, "\n") != 1 {
				t.Errorf("shop order %s: want status 1 and %q in one line, have %s", strings.Join(mistake.arguments, " "), mistake.says, o)
			}
		}
	})
}
