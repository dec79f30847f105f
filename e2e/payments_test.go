package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const chargeHandler = "order.ChargeOnPaymentRequested"

// A declined card ends nothing: the customer is asked for another one, pays, and gets the
// copies that were held meanwhile.
func TestADeclinedCardMayBeReplaced(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		p := s.order("TIDE-04-L", 1, cardDeclined)
		if v := s.awaitDeclined(p); v.Status != "reserved" {
			t.Errorf("the order is %s", v.Status)
		}
		s.awaitQuiet()
		s.wantMails(p, "confirmation", "another-card")
		if left := s.offer("TIDE-04-L").Available; left != 0 {
			t.Errorf("%d are for sale while the order may still be paid", left)
		}
		again := s.pay(p, cardApproved)
		v := s.awaitStatus(p, "confirmed")
		if len(v.Payments) != 2 || v.Payments[0].Status != "declined" || v.Payments[1].Status != "approved" {
			t.Errorf("payments %+v", v.Payments)
		}
		s.awaitQuiet()
		want := []cause{
			{"order.OrderCreated", "request"},
			{"stock.StockReserved", "order.OrderCreated"},
			{"order.PaymentRequested", "stock.StockReserved"},
			{"order.PaymentDeclined", "order.PaymentRequested"},
			{"order.PaymentRequested", "request"},
			{"order.PaymentReceived", "order.PaymentRequested"},
			{"stock.EditionsNumbered", "order.PaymentReceived"},
			{"order.OrderConfirmed", "stock.EditionsNumbered"},
		}
		if diff := cmp.Diff(want, s.story(p, p.requestID, again.requestID), cmp.AllowUnexported(cause{})); diff != "" {
			t.Errorf("timeline: %s", diff)
		}
		s.wantMails(p, "confirmation", "another-card", "receipt")
	})
}

// A customer whose second card is declined too is asked again: a mail for each.
func TestEachDeclinedCardIsToldOf(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		p := s.order("TIDE-01-M", 1, cardDeclined)
		s.awaitDeclined(p)
		s.awaitQuiet()
		s.pay(p, cardDeclined)
		s.awaitOrder(p, func(v orderView) error {
			if len(v.Payments) != 2 || v.Payments[1].Status != "declined" {
				return fmt.Errorf("payments %+v", v.Payments)
			}
			return nil
		})
		s.awaitQuiet()
		s.wantMails(p, "confirmation", "another-card", "another-card")
	})
}

// A provider that is down twice is asked again after 1 s and 2 s.
func TestAProviderThatIsDownIsAskedAgain(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		p := s.order("TIDE-01-M", 1, cardOutage)
		s.awaitStatus(p, "confirmed")
		d := s.awaitDelivery(p, chargeHandler, "done")
		if diff := cmp.Diff([]string{"failed", "failed", "done"}, s.outcomes(d)); diff != "" {
			t.Errorf("attempts: %s", diff)
		}
		s.wantOneCharge(p, 3)
	})
}

// A provider that charged, and whose answer was lost, is asked again under the same key:
// it charged once all the same.
func TestAChargeWhoseAnswerWasLostIsMadeOnce(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		p := s.order("TIDE-01-M", 1, cardTimeout)
		s.awaitStatus(p, "confirmed")
		d := s.awaitDelivery(p, chargeHandler, "done")
		if diff := cmp.Diff([]string{"failed", "done"}, s.outcomes(d)); diff != "" {
			t.Errorf("attempts: %s", diff)
		}
		s.wantOneCharge(p, 2)
	})
}

// wantOneCharge fails the test unless the provider was asked a number of times about an
// order, always under one key, and took the money under it.
func (s *shop) wantOneCharge(p placed, calls int) {
	s.t.Helper()
	var charges []struct {
		Outcome string
		Calls   int
	}
	s.rows(&charges, `SELECT c.outcome, c.calls FROM simulator_charges c JOIN payments p ON p.id = c.key WHERE p.order_id = ?`, p.ID)
	if len(charges) != 1 || charges[0].Outcome != "approved" || charges[0].Calls != calls {
		s.t.Errorf("charges %+v, want one that was asked for %d times", charges, calls)
	}
}

// A card that breaks the provider for good is no matter of time: the charge is dead after
// one attempt, and nothing was charged.
func TestACardThatBreaksTheProviderIsDeadAtOnce(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b, "SHOP_PAYMENT_WINDOW=30m")
		p := s.order("TIDE-01-M", 1, cardBroken)
		d := s.awaitDelivery(p, chargeHandler, "dead")
		if diff := cmp.Diff([]string{"permanent"}, s.outcomes(d)); diff != "" {
			t.Errorf("attempts: %s", diff)
		}
		if v := s.view(p); v.Status != "reserved" || len(v.Payments) != 1 || v.Payments[0].Status != "unresolved" {
			t.Errorf("order %+v", v)
		}
		if settled := s.count(`SELECT COUNT(*) FROM simulator_charges WHERE outcome <> ''`); settled != 0 {
			t.Error("the provider settled the payment")
		}
	})
}

// An order that is not paid within the payment window is cancelled, and what it held is for
// sale again.
func TestTheWindowClosesOnAnUnpaidOrder(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b, "SHOP_PAYMENT_WINDOW=3s")
		p := s.order("TIDE-04-L", 1, cardDeclined)
		v := s.awaitDeclined(p)
		if left := s.offer("TIDE-04-L").Available; left != 0 && time.Now().Before(v.PayBy) {
			t.Errorf("%d are for sale while the order may still be paid", left)
		}
		if v := s.awaitStatus(p, "cancelled"); v.Reason != "unpaid" {
			t.Errorf("cancelled because of %q", v.Reason)
		}
		s.awaitQuiet()
		if left := s.offer("TIDE-04-L").Available; left != 1 {
			t.Errorf("%d of 1 are for sale after the cancellation", left)
		}
		s.request(http.MethodPost, "/api/v1/orders/"+p.Token+"/payments", map[string]any{"card": cardApproved}, http.StatusConflict)
		told := func(l letter) bool {
			return l.Template == "cancellation" && strings.Contains(l.Text, "did not arrive in time")
		}
		if letters := s.letters(p); !slices.ContainsFunc(letters, told) {
			t.Errorf("the customer was not told why: %+v", letters)
		}
	})
}

// An order that was paid in time stays sold when the window closes.
func TestTheWindowLeavesAPaidOrderAlone(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b, "SHOP_PAYMENT_WINDOW=10s")
		p := s.order("TIDE-04-L", 1, cardApproved)
		s.awaitStatus(p, "confirmed")
		s.awaitDelivery(p, "order.CancelUnpaidOrderOnOrderCreated", "done")
		if v := s.view(p); v.Status != "confirmed" {
			t.Errorf("the order is %s %s", v.Status, v.Reason)
		}
	})
}

// A customer may give up an order that is not paid, once; after the payment only staff may.
func TestACustomerCancelsBeforePaymentOnly(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		unpaid, paid := s.order("TIDE-04-M", 1, cardDeclined), s.order("TIDE-04-M", 1, cardApproved)
		s.awaitDeclined(unpaid)
		s.awaitStatus(paid, "confirmed")
		s.awaitQuiet()
		for range 2 { // the second time nothing happens
			s.request(http.MethodPost, "/api/v1/orders/"+unpaid.Token+"/cancellation", nil, http.StatusNoContent)
		}
		s.request(http.MethodPost, "/api/v1/orders/"+paid.Token+"/cancellation", nil, http.StatusConflict)
		if v := s.awaitStatus(unpaid, "cancelled"); v.Reason != "customer" {
			t.Errorf("cancelled because of %q", v.Reason)
		}
		s.awaitQuiet()
		if left := s.offer("TIDE-04-M").Available; left != 2 {
			t.Errorf("%d of 3 are for sale, one is sold", left)
		}
		s.wantMails(unpaid, "confirmation", "another-card", "cancellation")
		s.wantMails(paid, "confirmation", "receipt")
	})
}
