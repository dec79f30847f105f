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
	o.RequestPayment("p1", placedAt)
	expect(t, o, order.PaymentRequested{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Reserved, order.PaymentUnresolved)
	p, err := o.Payment("p1")
	must(t, err)
	if p.Card.String() != "tok_checkout" {
		t.Errorf("paid with %q, want the card of checkout", p.Card)
	}

	o.RequestPayment("p2", placedAt) // StockReserved is delivered twice
	expect(t, o)
}

func TestNoPaymentIsRequestedOnceCancelled(t *testing.T) {
	t.Parallel()
	o := placed(t)
	must(t, o.Cancel())
	o.ReleaseEvents()
	o.RequestPayment("p1", placedAt)
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
	expect(t, o, order.PaymentVoided{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Cancelled, order.PaymentVoid)
}
