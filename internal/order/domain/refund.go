package domain

import (
	"fmt"

	"tirage/internal/order"
)

// Confirm ends the sale: the order is paid and its copies are numbered. It does nothing
// unless the order waits for just that.
func (o *Order) Confirm() {
	if o.status != order.Paid {
		return
	}
	o.status = order.Confirmed
	o.Record(order.OrderConfirmed{OrderID: o.id})
}

// Refund has the money of a sold order sent back; asked again it does nothing. One that
// was shipped can be refunded too: its copies are for sale again with the refund, so staff
// ask for it when the parcel has come back. It fails with ErrNotRefundable for an order
// that was not sold, or whose copies are not numbered yet: those numbers would arrive at
// an order that is already given back.
func (o *Order) Refund() error {
	if !o.sold() && o.status != order.Refunded {
		return ErrNotRefundable
	}
	for i := range o.payments {
		if p := &o.payments[i]; p.Status == order.PaymentApproved {
			p.Status = order.PaymentReturning
			o.Record(order.RefundRequested{OrderID: o.id, PaymentID: p.ID})
		}
	}
	return nil
}

func (o *Order) sold() bool { return o.status == order.Confirmed || o.status == order.Shipped }

// PaymentReturned takes the provider's word that the money of a payment went back. A
// sold order is Refunded by it, a cancelled one stays cancelled. It fails with
// ErrPaymentNotFound, and with ErrRefundNotRequested when the money was not to go back.
func (o *Order) PaymentReturned(id order.PaymentID) error {
	p, err := o.payment(id)
	if err != nil {
		return err
	}
	switch p.Status {
	case order.PaymentReturned:
		return nil
	case order.PaymentReturning:
	default:
		return fmt.Errorf("%w: payment %s of order %s", ErrRefundNotRequested, id, o.id)
	}
	p.Status = order.PaymentReturned
	if o.sold() {
		o.status = order.Refunded
	}
	o.Record(order.PaymentRefunded{OrderID: o.id, PaymentID: id})
	return nil
}
