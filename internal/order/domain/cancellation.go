package domain

import (
	"time"

	"tirage/internal/order"
)

// PaymentGrace is how long after the payment deadline an order still waits for the
// answer to a payment under way. Without it an order would hold its stock for as long
// as the provider is silent. Money that arrives after it is given back.
const PaymentGrace = time.Minute

// CancelBecauseSoldOut ends an order that stock could hold nothing for. It does nothing
// once the order has gone on from Placed.
func (o *Order) CancelBecauseSoldOut() {
	if o.status == order.Placed {
		o.cancel(order.SoldOut)
	}
}

// CancelUnpaid ends an order whose payment deadline has passed; a payment under way is
// given PaymentGrace more. When it is too early it does nothing and returns how long to
// wait before asking again; 0 means that all is decided.
func (o *Order) CancelUnpaid(now time.Time) (wait time.Duration) {
	if !o.unpaid() {
		return 0
	}
	deadline := o.payBy
	if o.underWay() {
		deadline = deadline.Add(PaymentGrace)
	}
	if now.Before(deadline) {
		return deadline.Sub(now)
	}
	o.cancel(order.Unpaid)
	return 0
}

// Cancel ends an order because its customer wants so. An order that is cancelled stays
// as it is. It fails with ErrPaymentUnderWay while a payment may still arrive, and with
// ErrAlreadyPaid after one did: then only staff can refund.
func (o *Order) Cancel() error {
	if o.unpaid() && o.underWay() {
		return ErrPaymentUnderWay
	}
	return o.cancelUnlessPaid(order.ByCustomer)
}

// CancelByStaff ends an order that is not paid, for whatever reason staff have. They need
// not wait for a payment under way: it is voided, or its money goes back. An order that is
// cancelled stays as it is. It fails with ErrAlreadyPaid: a paid order is refunded.
func (o *Order) CancelByStaff() error { return o.cancelUnlessPaid(order.ByStaff) }

func (o *Order) cancelUnlessPaid(reason order.Reason) error {
	switch {
	case o.status == order.Cancelled:
		return nil
	case !o.unpaid():
		return ErrAlreadyPaid
	}
	o.cancel(reason)
	return nil
}

func (o *Order) unpaid() bool { return o.status == order.Placed || o.status == order.Reserved }

// cancel ends the order. Whatever became of a payment under way is found out all the
// same, for its money must go back.
func (o *Order) cancel(reason order.Reason) {
	o.status = order.Cancelled
	o.reason = reason
	o.Record(order.OrderCancelled{OrderID: o.id, Reason: reason})
	o.giveUp()
}
