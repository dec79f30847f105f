package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The shop's main job: an order is reserved, charged, numbered, confirmed and mailed, and
// its timeline tells why each thing happened.
func TestAnOrderIsReservedChargedNumberedAndConfirmed(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		price := s.offer("TIDE-03-L").Price
		p := s.order("TIDE-03-L", 2, cardApproved)
		v := s.awaitStatus(p, "confirmed")
		if want := []edition{{"TIDE-03-L", 1, 3}, {"TIDE-03-L", 2, 3}}; !cmp.Equal(want, v.Editions) {
			t.Errorf("editions %v, want %v", v.Editions, want)
		}
		if want := (amount{2 * price.Minor, price.Currency}); v.Total != want {
			t.Errorf("total %v, want %v", v.Total, want)
		}
		if len(v.Payments) != 1 || v.Payments[0].Status != "approved" {
			t.Errorf("payments %+v", v.Payments)
		}
		if left := s.offer("TIDE-03-L").Available; left != 1 {
			t.Errorf("%d are left of 3", left)
		}
		s.awaitQuiet()
		want := []cause{
			{"order.OrderCreated", "request"},
			{"stock.StockReserved", "order.OrderCreated"},
			{"order.PaymentRequested", "stock.StockReserved"},
			{"order.PaymentReceived", "order.PaymentRequested"},
			{"stock.EditionsNumbered", "order.PaymentReceived"},
			{"order.OrderConfirmed", "stock.EditionsNumbered"},
		}
		if diff := cmp.Diff(want, s.story(p, p.requestID), cmp.AllowUnexported(cause{})); diff != "" {
			t.Errorf("timeline: %s", diff)
		}
		for _, e := range s.timeline(p) {
			for _, d := range e.Deliveries {
				if d.Handler == "order.CancelUnpaidOrderOnOrderCreated" {
					continue // due when the payment window closes
				}
				if d.State != "done" || len(d.Attempts) != 1 || d.Attempts[0].Outcome != "done" {
					t.Errorf("%s for %s: %+v", e.Type, d.Handler, d)
				}
			}
		}
		s.wantMails(p, "confirmation", "receipt")
		for _, l := range s.letters(p) {
			if l.Template == "receipt" && (!strings.Contains(l.Text, "copy 1 of 3") || !strings.Contains(l.Text, "copy 2 of 3")) {
				t.Errorf("the receipt does not name the numbers: %q", l.Text)
			}
		}
	})
}

// The next order gets the next numbers.
func TestNumbersGoOnWhereTheLastOrderStopped(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		s.awaitStatus(s.order("STRATA-03-L", 2, cardApproved), "confirmed")
		v := s.awaitStatus(s.order("STRATA-03-L", 3, cardApproved), "confirmed")
		if want := []edition{{"STRATA-03-L", 3, 5}, {"STRATA-03-L", 4, 5}, {"STRATA-03-L", 5, 5}}; !cmp.Equal(want, v.Editions) {
			t.Errorf("editions %v, want %v", v.Editions, want)
		}
	})
}

// An order for more than there is ends without a charge, and its customer is told why.
func TestSoldOut(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		s.awaitStatus(s.order("TIDE-04-L", 1, cardApproved), "confirmed") // an edition of one
		late := s.order("TIDE-04-L", 1, cardApproved)
		v := s.awaitStatus(late, "cancelled")
		if v.Reason != "sold_out" || len(v.Payments) != 0 || len(v.Editions) != 0 {
			t.Errorf("order %+v", v)
		}
		s.awaitQuiet()
		want := []cause{
			{"order.OrderCreated", "request"},
			{"stock.StockRejected", "order.OrderCreated"},
			{"order.OrderCancelled", "stock.StockRejected"},
		}
		if diff := cmp.Diff(want, s.story(late, late.requestID), cmp.AllowUnexported(cause{})); diff != "" {
			t.Errorf("timeline: %s", diff)
		}
		s.wantMails(late, "cancellation")
		for _, l := range s.letters(late) {
			if l.Template == "cancellation" && !strings.Contains(l.Text, "sold out") {
				t.Errorf("the mail does not say why: %q", l.Text)
			}
		}
	})
}

// An order is for all its lines or for none.
func TestOneShortLineRejectsTheWholeOrder(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		body := orderBody("ORBIT-01-S", 2, cardApproved)
		body["lines"] = []map[string]any{{"sku": "ORBIT-01-S", "quantity": 2}, {"sku": "TIDE-04-M", "quantity": 4}}
		p := s.place(body)
		if v := s.awaitStatus(p, "cancelled"); v.Reason != "sold_out" {
			t.Errorf("cancelled because of %q", v.Reason)
		}
		s.awaitQuiet()
		if left := s.offer("ORBIT-01-S").Available; left != 50 {
			t.Errorf("%d are left of 50: the other line still holds copies", left)
		}
	})
}

// Staff refund: the money, the copies and their numbers come back, and the numbers that
// came back are sold first.
func TestARefundReturnsMoneyCopiesAndNumbers(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		p := s.order("TIDE-04-M", 2, cardApproved) // numbers 1 and 2 of 3
		s.awaitStatus(p, "confirmed")
		s.awaitQuiet() // a receipt that is later than the refund is not sent
		refund := s.request(http.MethodPost, "/api/v1/staff/orders/"+p.ID+"/refund", nil, http.StatusAccepted)
		v := s.awaitStatus(p, "refunded")
		if len(v.Payments) != 1 || v.Payments[0].Status != "refunded" {
			t.Errorf("payments %+v", v.Payments)
		}
		s.awaitQuiet()
		want := []cause{
			{"order.RefundRequested", "request"},
			{"order.PaymentRefunded", "order.RefundRequested"},
			{"stock.EditionsReturned", "order.PaymentRefunded"},
		}
		if diff := cmp.Diff(want, s.story(p, p.requestID, refund.requestID)[6:], cmp.AllowUnexported(cause{})); diff != "" {
			t.Errorf("timeline: %s", diff)
		}
		if v := s.view(p); len(v.Editions) != 0 {
			t.Errorf("a refunded order owns %v", v.Editions)
		}
		s.wantMails(p, "confirmation", "receipt", "refund-notice")
		// Asked again, nothing more happens.
		s.request(http.MethodPost, "/api/v1/staff/orders/"+p.ID+"/refund", nil, http.StatusAccepted)
		next := s.awaitStatus(s.order("TIDE-04-M", 3, cardApproved), "confirmed")
		if want := []edition{{"TIDE-04-M", 1, 3}, {"TIDE-04-M", 2, 3}, {"TIDE-04-M", 3, 3}}; !cmp.Equal(want, next.Editions) {
			t.Errorf("editions %v, want %v", next.Editions, want)
		}
		if refunds := s.count("SELECT COUNT(*) FROM simulator_refunds"); refunds != 1 {
			t.Errorf("the provider gave money back %d times", refunds)
		}
	})
}
