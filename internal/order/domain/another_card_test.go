package domain_test

import (
	"testing"

	"tirage/internal/order"
	"tirage/internal/order/domain"
)

func TestPayAgain(t *testing.T) {
	t.Parallel()
	o := declined(t)
	must(t, o.PayAgain("p2", card(t, "tok_second"), deadline.Add(-1)))
	expect(t, o, order.PaymentRequested{OrderID: "o1", PaymentID: "p2"})
	expectStatus(t, o, order.Reserved, order.PaymentRefused, order.PaymentUnresolved)
	p, err := o.Payment("p2")
	must(t, err)
	if p.Card.String() != "tok_second" {
		t.Errorf("paid with %q, want the new card", p.Card)
	}

	must(t, o.PayAgain("p2", card(t, "tok_second"), placedAt)) // the same command again
	expect(t, o)
	must(t, o.PaymentReceived("p2"))
	expect(t, o, order.PaymentReceived{OrderID: "o1", PaymentID: "p2"})
	expectStatus(t, o, order.Paid, order.PaymentRefused, order.PaymentApproved)
}

func TestPayAgainIsRefused(t *testing.T) {
	t.Parallel()
	again := card(t, "tok_second")
	expectError(t, placed(t).PayAgain("p2", again, placedAt), domain.ErrNotReserved)
	expectError(t, reserved(t).PayAgain("p2", again, placedAt), domain.ErrPaymentUnderWay)
	expectError(t, paid(t).PayAgain("p2", again, placedAt), domain.ErrAlreadyPaid)
	expectError(t, confirmed(t).PayAgain("p2", again, placedAt), domain.ErrAlreadyPaid)
	expectError(t, shipped(t).PayAgain("p2", again, placedAt), domain.ErrAlreadyPaid)
	expectError(t, reserved(t).PayAgain("p2", again, placedAt.Add(domain.Patience-1)), domain.ErrPaymentUnderWay)
	expectError(t, reserved(t).PayAgain("p2", again, deadline), domain.ErrPaymentWindowClosed)
	expectError(t, cancelled(t).PayAgain("p2", again, placedAt), domain.ErrOrderCancelled)
	expectError(t, declined(t).PayAgain("p2", again, deadline), domain.ErrPaymentWindowClosed)
	expectError(t, declined(t).PayAgain("p2", domain.CardToken{}, placedAt), domain.ErrInvalidCard)
}

// stuck is when a payment of placedAt is taken for stuck.
var stuck = placedAt.Add(domain.Patience)

// abandoned is an order whose stuck payment p1 was given up for p2.
func abandoned(t *testing.T) *domain.Order {
	t.Helper()
	o := reserved(t)
	must(t, o.PayAgain("p2", card(t, "tok_second"), stuck))
	expect(t, o, order.PaymentAbandoned{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Reserved, order.PaymentGivenUp, order.PaymentWaiting)
	return o
}

func TestAStuckPaymentIsVoidedBeforeTheNext(t *testing.T) {
	t.Parallel()
	o := abandoned(t)
	must(t, o.PayAgain("p2", card(t, "tok_second"), stuck)) // the same command again
	expectError(t, o.Cancel(), domain.ErrPaymentUnderWay)
	expectError(t, o.PaymentReceived("p2"), domain.ErrPaymentNotRequested)
	expectError(t, o.PaymentDeclined("p2", stuck), domain.ErrPaymentNotRequested)
	expect(t, o)

	must(t, o.PaymentDeclined("p1", stuck))
	expect(t, o, order.PaymentVoided{OrderID: "o1", PaymentID: "p1"}, order.PaymentRequested{OrderID: "o1", PaymentID: "p2"})
	expectStatus(t, o, order.Reserved, order.PaymentVoid, order.PaymentUnresolved)
	must(t, o.PaymentDeclined("p1", stuck)) // the dead charge, tried again
	expectError(t, o.PaymentReceived("p1"), domain.ErrOutcomeChanged)
	expect(t, o)

	must(t, o.PaymentReceived("p2"))
	expect(t, o, order.PaymentReceived{OrderID: "o1", PaymentID: "p2"})
	expectStatus(t, o, order.Paid, order.PaymentVoid, order.PaymentApproved)
}

func TestAStuckPaymentThatTookTheMoneyPaysTheOrder(t *testing.T) {
	t.Parallel()
	o := abandoned(t)
	must(t, o.PaymentReceived("p1"))
	expect(t, o, order.PaymentReceived{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Paid, order.PaymentApproved, order.PaymentVoid)
	must(t, o.PaymentReceived("p1"))
	expect(t, o)
}

func TestAVoidThatIsStuckItselfIsAskedForAgain(t *testing.T) {
	t.Parallel()
	o := abandoned(t)
	third := card(t, "tok_third")
	expectError(t, o.PayAgain("p3", third, stuck.Add(domain.Patience-1)), domain.ErrPaymentUnderWay)
	must(t, o.PayAgain("p3", third, stuck.Add(domain.Patience)))
	expect(t, o, order.PaymentAbandoned{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Reserved, order.PaymentGivenUp, order.PaymentVoid, order.PaymentWaiting)
	must(t, o.PaymentDeclined("p1", stuck))
	expect(t, o, order.PaymentVoided{OrderID: "o1", PaymentID: "p1"}, order.PaymentRequested{OrderID: "o1", PaymentID: "p3"})
}

func TestTheWindowClosesOnAPaymentThatWaits(t *testing.T) {
	t.Parallel()
	o := abandoned(t)
	if wait := o.CancelUnpaid(deadline); wait != domain.PaymentGrace {
		t.Errorf("wait %s, want the whole grace", wait)
	}
	o.CancelUnpaid(deadline.Add(domain.PaymentGrace))
	expect(t, o, order.OrderCancelled{OrderID: "o1", Reason: order.Unpaid},
		order.PaymentAbandoned{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Cancelled, order.PaymentGivenUp, order.PaymentVoid)
	must(t, o.PaymentReceived("p1"))
	expect(t, o, order.RefundRequested{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Cancelled, order.PaymentReturning, order.PaymentVoid)
}
