package domain_test

import (
	"testing"

	"tirage/internal/order"
	"tirage/internal/order/domain"
)

func TestConfirm(t *testing.T) {
	t.Parallel()
	o := paid(t)
	o.Confirm()
	expect(t, o, order.OrderConfirmed{OrderID: "o1"})
	expectStatus(t, o, order.Confirmed, order.PaymentApproved)
	o.Confirm()
	expect(t, o)

	for _, other := range []*domain.Order{reserved(t), cancelled(t)} {
		other.Confirm()
		expect(t, other)
	}
}

func TestRefund(t *testing.T) {
	t.Parallel()
	o := confirmed(t)
	must(t, o.Refund())
	expect(t, o, order.RefundRequested{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Confirmed, order.PaymentReturning)
	must(t, o.Refund())
	expect(t, o)

	must(t, o.PaymentReturned("p1"))
	expect(t, o, order.PaymentRefunded{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Refunded, order.PaymentReturned)
	must(t, o.PaymentReturned("p1"))
	must(t, o.Refund())
	o.Confirm() // EditionsNumbered is delivered again
	expect(t, o)
}

func TestAShippedOrderIsRefunded(t *testing.T) {
	t.Parallel()
	o := shipped(t)
	must(t, o.Refund())
	expect(t, o, order.RefundRequested{OrderID: "o1", PaymentID: "p1"})
	must(t, o.PaymentReturned("p1"))
	expect(t, o, order.PaymentRefunded{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Refunded, order.PaymentReturned)
}

func TestRefundIsRefused(t *testing.T) {
	t.Parallel()
	for _, o := range []*domain.Order{placed(t), reserved(t), declined(t), cancelled(t), paid(t)} {
		expectError(t, o.Refund(), domain.ErrNotRefundable)
	}
	o := confirmed(t)
	expectError(t, o.PaymentReturned("p1"), domain.ErrRefundNotRequested)
	expectError(t, o.PaymentReturned("nobody's"), domain.ErrPaymentNotFound)
	expect(t, o)
}
