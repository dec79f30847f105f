package domain_test

import (
	"testing"
	"time"

	"tirage/internal/order"
	"tirage/internal/order/domain"
)

func TestCancelBecauseSoldOut(t *testing.T) {
	t.Parallel()
	o := placed(t)
	o.ReleaseEvents()
	o.CancelBecauseSoldOut()
	expect(t, o, order.OrderCancelled{OrderID: "o1", Reason: order.SoldOut})
	expectStatus(t, o, order.Cancelled)
	o.CancelBecauseSoldOut()
	expect(t, o)

	for _, later := range []*domain.Order{reserved(t), paid(t), confirmed(t), cancelled(t)} {
		later.CancelBecauseSoldOut()
		expect(t, later)
	}
}

func TestCancelUnpaid(t *testing.T) {
	t.Parallel()
	for name, unpaid := range map[string]*domain.Order{"waiting for stock": placed(t), "declined": declined(t)} {
		unpaid.ReleaseEvents()
		if wait := unpaid.CancelUnpaid(deadline.Add(-time.Second)); wait != time.Second {
			t.Errorf("%s, a second too early: wait %s", name, wait)
		}
		expect(t, unpaid)
		if wait := unpaid.CancelUnpaid(deadline); wait != 0 {
			t.Errorf("%s, at the deadline: wait %s", name, wait)
		}
		expect(t, unpaid, order.OrderCancelled{OrderID: "o1", Reason: order.Unpaid})
		unpaid.CancelUnpaid(deadline.Add(time.Hour))
		expect(t, unpaid)
	}
}

func TestCancelUnpaidWaitsForAPaymentUnderWay(t *testing.T) {
	t.Parallel()
	o := reserved(t)
	if wait := o.CancelUnpaid(deadline); wait != domain.PaymentGrace {
		t.Errorf("wait %s, want the whole grace", wait)
	}
	expect(t, o)
	must(t, o.PaymentReceived("p1"))
	o.ReleaseEvents()
	if wait := o.CancelUnpaid(deadline.Add(domain.PaymentGrace)); wait != 0 {
		t.Errorf("a paid order waits %s", wait)
	}
	expect(t, o)
	expectStatus(t, o, order.Paid, order.PaymentApproved)
}

func TestCancelUnpaidDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	o := reserved(t)
	o.CancelUnpaid(deadline.Add(domain.PaymentGrace))
	expect(t, o, order.OrderCancelled{OrderID: "o1", Reason: order.Unpaid},
		order.PaymentAbandoned{OrderID: "o1", PaymentID: "p1"})
	expectStatus(t, o, order.Cancelled, order.PaymentGivenUp)
}

func TestCancelByCustomer(t *testing.T) {
	t.Parallel()
	for _, o := range []*domain.Order{placed(t), declined(t)} {
		o.ReleaseEvents()
		must(t, o.Cancel())
		expect(t, o, order.OrderCancelled{OrderID: "o1", Reason: order.ByCustomer})
		must(t, o.Cancel())
		expect(t, o)
	}

	soldOut := placed(t)
	soldOut.CancelBecauseSoldOut()
	must(t, soldOut.Cancel())
	if reason := soldOut.Snapshot().Reason; reason != order.SoldOut {
		t.Errorf("reason became %s", reason)
	}
}

func TestCancelByCustomerIsRefused(t *testing.T) {
	t.Parallel()
	expectError(t, reserved(t).Cancel(), domain.ErrPaymentUnderWay)
	expectError(t, paid(t).Cancel(), domain.ErrAlreadyPaid)
	expectError(t, confirmed(t).Cancel(), domain.ErrAlreadyPaid)
	expectError(t, shipped(t).Cancel(), domain.ErrAlreadyPaid)
}

func TestCancelByStaff(t *testing.T) {
	t.Parallel()
	for _, o := range []*domain.Order{placed(t), declined(t)} {
		o.ReleaseEvents()
		must(t, o.CancelByStaff())
		expect(t, o, order.OrderCancelled{OrderID: "o1", Reason: order.ByStaff})
		must(t, o.CancelByStaff())
		must(t, o.Cancel())
		expect(t, o)
	}
	for _, o := range []*domain.Order{paid(t), confirmed(t), shipped(t)} {
		expectError(t, o.CancelByStaff(), domain.ErrAlreadyPaid)
		expect(t, o)
	}
}

// Staff need not wait for the provider, so its answer comes afterwards.
func TestCancelByStaffWhileAPaymentIsUnderWay(t *testing.T) {
	t.Parallel()
	for _, approved := range []bool{false, true} {
		o := reserved(t)
		must(t, o.CancelByStaff())
		expect(t, o, order.OrderCancelled{OrderID: "o1", Reason: order.ByStaff},
			order.PaymentAbandoned{OrderID: "o1", PaymentID: "p1"})
		if approved {
			must(t, o.PaymentReceived("p1"))
			expect(t, o, order.RefundRequested{OrderID: "o1", PaymentID: "p1"})
			continue
		}
		must(t, o.PaymentDeclined("p1", placedAt))
		expect(t, o, order.PaymentVoided{OrderID: "o1", PaymentID: "p1"})
		expectStatus(t, o, order.Cancelled, order.PaymentVoid)
	}
}
