package domain

import (
	"fmt"
	"slices"
	"time"

	"tirage/internal/order"
)

// Payment is one attempt to pay an order. The outcome of at most one attempt is open at
// the provider, and at most one is approved and not given back.
type Payment struct {
	ID     order.PaymentID
	Status order.PaymentStatus
	Card   CardToken
	Since  time.Time // when the customer wanted it
}

// Outcome is the payment provider's answer to an attempt.
type Outcome string

// The outcomes of a payment.
const (
	Approved Outcome = "approved"
	Declined Outcome = "declined"
)

// Outcome is what is known of the provider's answer; ok is false while it is unknown.
func (p Payment) Outcome() (outcome Outcome, ok bool) {
	switch p.Status {
	case order.PaymentWaiting, order.PaymentUnresolved, order.PaymentGivenUp:
		return "", false
	case order.PaymentRefused, order.PaymentVoid:
		return Declined, true
	default:
		return Approved, true
	}
}

// Payment returns one of the order's payments, or ErrPaymentNotFound.
func (o *Order) Payment(id order.PaymentID) (Payment, error) {
	p, err := o.payment(id)
	if err != nil {
		return Payment{}, err
	}
	return *p, nil
}

// RequestPayment asks for the first payment, with the card of checkout, now that stock
// is held for the order. It does nothing when it was asked for already, or when the
// order was cancelled meanwhile.
func (o *Order) RequestPayment(id order.PaymentID, now time.Time) {
	if o.status != order.Placed {
		return
	}
	o.status = order.Reserved
	o.payments = append(o.payments, Payment{ID: id, Status: order.PaymentUnresolved, Card: o.card, Since: now.UTC()})
	o.Record(order.PaymentRequested{OrderID: o.id, PaymentID: id})
}

// PaymentReceived takes the provider's word that a payment was approved. The money of a
// cancelled order goes back at once; stock never hears of it. It fails with
// ErrPaymentNotFound, with ErrPaymentNotRequested, and with ErrOutcomeChanged when the
// payment was declined.
func (o *Order) PaymentReceived(id order.PaymentID) error {
	p, news, err := o.answered(id, Approved)
	if !news {
		return err
	}
	if o.status == order.Cancelled {
		p.Status = order.PaymentReturning
		o.Record(order.RefundRequested{OrderID: o.id, PaymentID: id})
		return nil
	}
	p.Status = order.PaymentApproved
	o.status = order.Paid
	o.dropWaiting()
	o.Record(order.PaymentReceived{OrderID: o.id, PaymentID: id})
	return nil
}

// PaymentDeclined takes the provider's word that a payment took no money. One that was
// given up makes room for the one that waits for it. Any other is told to the customer;
// after the payment deadline it also cancels the order, for it cannot be paid again. It
// fails with ErrPaymentNotFound, with ErrPaymentNotRequested, and with ErrOutcomeChanged
// when the payment was approved.
func (o *Order) PaymentDeclined(id order.PaymentID, now time.Time) error {
	p, news, err := o.answered(id, Declined)
	if !news {
		return err
	}
	if p.Status == order.PaymentGivenUp {
		p.Status = order.PaymentVoid
		o.Record(order.PaymentVoided{OrderID: o.id, PaymentID: id})
		o.requestWaiting()
		return nil
	}
	p.Status = order.PaymentRefused
	o.Record(order.PaymentDeclined{OrderID: o.id, PaymentID: id})
	o.CancelUnpaid(now)
	return nil
}

// answered finds the payment that the provider answered. It is no news when the provider
// has given that answer before.
func (o *Order) answered(id order.PaymentID, outcome Outcome) (p *Payment, news bool, err error) {
	if p, err = o.payment(id); err != nil {
		return nil, false, err
	}
	if p.Status == order.PaymentWaiting {
		return nil, false, fmt.Errorf("%w: %s of order %s", ErrPaymentNotRequested, id, o.id)
	}
	was, known := p.Outcome()
	if known && was != outcome {
		return nil, false, fmt.Errorf("%w: payment %s was %s, now %s", ErrOutcomeChanged, id, was, outcome)
	}
	return p, !known, nil
}

func (o *Order) payment(id order.PaymentID) (*Payment, error) {
	i := slices.IndexFunc(o.payments, func(p Payment) bool { return p.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("%w: %s of order %s", ErrPaymentNotFound, id, o.id)
	}
	return &o.payments[i], nil
}
