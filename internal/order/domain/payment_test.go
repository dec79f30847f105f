package domain_test

import (
	"testing"

	"tirage/internal/order"
	"tirage/internal/order/domain"
)

func TestPaymentIsRequestedOnce(t *testing.T) {
	t.Parallel()
	o := placed(t)
	o.ReleaseEvents()
	o.RequestPayment("p1")
	expect(t, o, order.PaymentRequested{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Reserved, order.PaymentUnresolved)
	p, err := o.Payment("p1")
	must(t, err)
	if p.Card.String() != "tok_checkout" {
		t.Errorf("paid with %q, want the card of checkout", p.Card)
	}

	o.RequestPayment("p2") // StockReserved is delivered twice
	expect(t, o)
}

func TestNoPaymentIsRequestedOnceCancelled(t *testing.T) {
	t.Parallel()
	o := placed(t)
	must(t, o.Cancel())
	o.ReleaseEvents()
	o.RequestPayment("p1")
	expect(t, o)
	expectStatus(t, o, order.Cancelled)
}

func TestPaymentReceived(t *testing.T) {
	t.Parallel()
	o := reserved(t)
	must(t, o.PaymentReceived("p1"))
	expect(t, o, order.PaymentReceived{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Paid, order.PaymentApproved)

	must(t, o.PaymentReceived("p1"))
	expect(t, o)
	expectError(t, o.PaymentDeclined("p1", placedAt), domain.ErrOutcomeChanged)
	expectError(t, o.PaymentReceived("nobody's"), domain.ErrPaymentNotFound)
	expect(t, o)
}

func TestPaymentDeclined(t *testing.T) {
	t.Parallel()
	o := reserved(t)
	must(t, o.PaymentDeclined("p1", placedAt))
	expect(t, o, order.PaymentDeclined{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Reserved, order.PaymentRefused)

	must(t, o.PaymentDeclined("p1", deadline)) // told again, though much later
	expect(t, o)
	expectError(t, o.PaymentReceived("p1"), domain.ErrOutcomeChanged)
	expectError(t, o.PaymentDeclined("nobody's", placedAt), domain.ErrPaymentNotFound)
	expect(t, o)
}

func TestDeclineAfterTheDeadlineCancels(t *testing.T) {
	t.Parallel()
	o := reserved(t)
	must(t, o.PaymentDeclined("p1", deadline))
	expect(t, o,
		order.PaymentDeclined{OrderID: "o1", PaymentID: "p1"},
		order.OrderCancelled{OrderID: "o1", Reason: order.Unpaid})
	expectStatus(t, o, order.Cancelled, order.PaymentRefused)
}

func TestMoneyForACancelledOrderGoesBack(t *testing.T) {
	t.Parallel()
	o := cancelled(t)
	must(t, o.PaymentReceived("p1"))
	expect(t, o, order.RefundRequested{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Cancelled, order.PaymentReturning)

	must(t, o.PaymentReceived("p1"))
	expect(t, o)
	must(t, o.PaymentReturned("p1"))
	expect(t, o, order.PaymentRefunded{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Cancelled, order.PaymentReturned)
	must(t, o.PaymentReceived("p1")) // a twin that comes in last
	expect(t, o)
}

func TestDeclineOfACancelledOrder(t *testing.T) {
	t.Parallel()
	o := cancelled(t)
	must(t, o.PaymentDeclined("p1", deadline.Add(domain.PaymentGrace)))
	expect(t, o, order.PaymentDeclined{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Cancelled, order.PaymentRefused)
}

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
	expectError(t, cancelled(t).PayAgain("p2", again, placedAt), domain.ErrOrderCancelled)
	expectError(t, declined(t).PayAgain("p2", again, deadline), domain.ErrPaymentWindowClosed)
	expectError(t, declined(t).PayAgain("p2", domain.CardToken{}, placedAt), domain.ErrInvalidCard)
}
