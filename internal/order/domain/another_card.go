package domain

import (
	"slices"
	"time"

	"tirage/internal/order"
)

// Patience is how long a payment may be without an answer before the customer can pay
// with another card instead. A provider that answers with errors is asked again after 1,
// 2 and 4 seconds, so what is still open after this is stuck.
const Patience = 15 * time.Second

// PayAgain pays with another card after one was declined, or got stuck; with the id of a
// payment that exists it does nothing. It fails with ErrOrderCancelled, ErrNotReserved,
// ErrAlreadyPaid, ErrPaymentWindowClosed, ErrInvalidCard, or within Patience with
// ErrPaymentUnderWay.
//
// A stuck payment may have taken the money, or may still do so: its answer was lost, or
// staff try again. So it is given up first, and the new one waits until the provider has
// said that it is void. Should it have been approved, it pays the order, and the new card
// is never charged. So an order is never charged twice, not even for a moment.
func (o *Order) PayAgain(id order.PaymentID, card CardToken, now time.Time) error {
	if _, err := o.payment(id); err == nil {
		return nil
	}
	switch {
	case o.status == order.Cancelled:
		return ErrOrderCancelled
	case o.status == order.Placed:
		return ErrNotReserved
	case o.status != order.Reserved:
		return ErrAlreadyPaid
	case !now.Before(o.payBy):
		return ErrPaymentWindowClosed
	case o.underWay() && now.Before(o.payments[len(o.payments)-1].Since.Add(Patience)):
		return ErrPaymentUnderWay
	}
	if err := card.check(); err != nil {
		return err
	}
	o.giveUp()
	o.payments = append(o.payments, Payment{ID: id, Status: order.PaymentWaiting, Card: card, Since: now.UTC()})
	o.requestWaiting()
	return nil
}

// underWay tells whether a payment may still be approved.
func (o *Order) underWay() bool {
	return slices.ContainsFunc(o.payments, func(p Payment) bool {
		_, known := p.Outcome()
		return !known
	})
}

// giveUp has the provider asked to void the payment that is under way, again if it was
// asked before and did not answer. One that waits is not needed any more.
func (o *Order) giveUp() {
	o.dropWaiting()
	for i := range o.payments {
		if p := &o.payments[i]; p.Status == order.PaymentUnresolved || p.Status == order.PaymentGivenUp {
			p.Status = order.PaymentGivenUp
			o.Record(order.PaymentAbandoned{OrderID: o.id, PaymentID: p.ID})
		}
	}
}

func (o *Order) dropWaiting() {
	if p := o.waiting(); p != nil {
		p.Status = order.PaymentVoid
	}
}

// requestWaiting asks for the payment that waits, unless another is open at the provider.
func (o *Order) requestWaiting() {
	p := o.waiting()
	if p == nil || slices.ContainsFunc(o.payments, func(p Payment) bool { return p.Status == order.PaymentGivenUp }) {
		return
	}
	p.Status = order.PaymentUnresolved
	o.Record(order.PaymentRequested{OrderID: o.id, PaymentID: p.ID})
}

func (o *Order) waiting() *Payment {
	i := slices.IndexFunc(o.payments, func(p Payment) bool { return p.Status == order.PaymentWaiting })
	if i < 0 {
		return nil
	}
	return &o.payments[i]
}
