package domain

import (
	"fmt"
	"slices"
	"time"

	"tirage/internal/order"
)

// Payment is one attempt to pay an order. At most one attempt of an order is
// unresolved, and at most one is approved and not given back.
type Payment struct {
	ID     order.PaymentID
	Status order.PaymentStatus
	Card   CardToken
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
	case order.PaymentUnresolved:
		return "", false
	case order.PaymentRefused:
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
func (o *Order) RequestPayment(id order.PaymentID) {
	if o.status != order.Placed {
		return
	}
	o.status = order.Reserved
	o.request(id, o.card)
}

// PayAgain asks for a payment with another card after one was declined; with the id of
// a payment that exists it does nothing. It fails with ErrOrderCancelled, ErrNotReserved,
// ErrAlreadyPaid, ErrPaymentUnderWay, ErrPaymentWindowClosed or ErrInvalidCard.
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
	case o.unresolved():
		return ErrPaymentUnderWay
	case !now.Before(o.payBy):
		return ErrPaymentWindowClosed
	}
	if err := card.check(); err != nil {
		return err
	}
	o.request(id, card)
	return nil
}

// PaymentReceived takes the provider's word that a payment was approved. The money of a
// cancelled order goes back at once; stock never hears of it. It fails with
// ErrPaymentNotFound, and with ErrOutcomeChanged when the payment was declined.
func (o *Order) PaymentReceived(id order.PaymentID) error {
	p, err := o.payment(id)
	if err != nil {
		return err
	}
	if outcome, known := p.Outcome(); known {
		return sameOutcome(id, outcome, Approved)
	}
	if o.status == order.Cancelled {
		p.Status = order.PaymentReturning
		o.Record(order.RefundRequested{OrderID: o.id, PaymentID: id})
		return nil
	}
	p.Status = order.PaymentApproved
	o.status = order.Paid
	o.Record(order.PaymentReceived{OrderID: o.id, PaymentID: id})
	return nil
}

// PaymentDeclined takes the provider's word that a payment was refused. After the
// payment deadline that also cancels the order, for it cannot be paid again. It fails
// with ErrPaymentNotFound, and with ErrOutcomeChanged when the payment was approved.
func (o *Order) PaymentDeclined(id order.PaymentID, now time.Time) error {
	p, err := o.payment(id)
	if err != nil {
		return err
	}
	if outcome, known := p.Outcome(); known {
		return sameOutcome(id, outcome, Declined)
	}
	p.Status = order.PaymentRefused
	o.Record(order.PaymentDeclined{OrderID: o.id, PaymentID: id})
	o.CancelUnpaid(now)
	return nil
}

func sameOutcome(id order.PaymentID, was, is Outcome) error {
	if was != is {
		return fmt.Errorf("%w: payment %s was %s, now %s", ErrOutcomeChanged, id, was, is)
	}
	return nil
}

func (o *Order) request(id order.PaymentID, card CardToken) {
	o.payments = append(o.payments, Payment{ID: id, Status: order.PaymentUnresolved, Card: card})
	o.Record(order.PaymentRequested{OrderID: o.id, PaymentID: id})
}

func (o *Order) payment(id order.PaymentID) (*Payment, error) {
	i := slices.IndexFunc(o.payments, func(p Payment) bool { return p.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("%w: %s of order %s", ErrPaymentNotFound, id, o.id)
	}
	return &o.payments[i], nil
}

// unresolved tells whether the provider has not answered an attempt yet.
func (o *Order) unresolved() bool {
	return slices.ContainsFunc(o.payments, func(p Payment) bool { return p.Status == order.PaymentUnresolved })
}
