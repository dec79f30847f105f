// Package domain holds the rules of an order: how it is placed, paid, cancelled, shipped
// and refunded. The order alone decides whether it is paid or cancelled.
//
// Start with Order and Place below; payment.go, another_card.go, cancellation.go,
// shipping.go and refund.go are its life after that. A method that changes the order records exactly the events that
// tell of it, and one that finds nothing to do changes and records nothing: so each
// may be called twice, late or out of order.
package domain

import (
	"errors"
	"fmt"
	"time"

	"tirage/internal/order"
	"tirage/internal/platform/event"
	"tirage/internal/platform/money"
)

// Kind names the aggregate in its events.
const Kind = "order.Order"

// MaxLines is how many different prints one order may hold.
const MaxLines = 20

// Order is a customer's purchase, from checkout to its end.
//
//	Placed ──▶ Reserved ──▶ Paid ──▶ Confirmed ──▶ Shipped
//	   └───────────┴──▶ Cancelled        └─────▶ Refunded ◀──┘
type Order struct {
	event.Recorder
	id        order.ID
	tokenHash string
	status    order.Status
	reason    order.Reason // why it was cancelled
	customer  Customer
	lines     []Line
	total     money.Amount
	card      CardToken // of checkout; the first payment is made with it
	placedAt  time.Time
	payBy     time.Time // the payment deadline
	payments  []Payment // oldest first
	tracking  Tracking  // of its parcel, once shipped
}

// Checkout is what a customer asks for. Prices are in its lines because stock knows
// them; the customer does not name any.
type Checkout struct {
	ID       order.ID
	Token    Token
	Customer Customer
	Lines    []Line
	Card     CardToken
}

// Place makes an order that must be paid within window from now. It fails with
// ErrInvalidToken, ErrInvalidCard, ErrInvalidLines, or money.ErrCurrencyMismatch.
func Place(c Checkout, now time.Time, window time.Duration) (*Order, error) {
	total, err := totalOf(c.Lines)
	if err := errors.Join(err, c.Token.check(), c.Card.check()); err != nil {
		return nil, err
	}
	o := &Order{
		Recorder:  event.Recall(Kind, string(c.ID), 0),
		id:        c.ID,
		tokenHash: c.Token.Hash(),
		status:    order.Placed,
		customer:  c.Customer,
		lines:     c.Lines,
		total:     total,
		card:      c.Card,
		placedAt:  now.UTC(),
		payBy:     now.Add(window).UTC(),
	}
	o.Record(order.OrderCreated{OrderID: o.id})
	return o, nil
}

// totalOf adds up lines, and checks that an order may hold just these.
func totalOf(lines []Line) (money.Amount, error) {
	if len(lines) < 1 || len(lines) > MaxLines {
		return money.Amount{}, fmt.Errorf("%w: an order has 1 to %d lines, not %d", ErrInvalidLines, MaxLines, len(lines))
	}
	var total money.Amount
	seen := map[string]bool{}
	for _, line := range lines {
		if seen[line.sku] {
			return money.Amount{}, fmt.Errorf("%w: %s is on two lines", ErrInvalidLines, line.sku)
		}
		seen[line.sku] = true
		sum, err := total.Plus(line.price.Times(line.quantity.Int()))
		if err != nil {
			return money.Amount{}, fmt.Errorf("add up the order: %w", err)
		}
		total = sum
	}
	return total, nil
}

// ID identifies the order.
func (o *Order) ID() order.ID { return o.id }

// Status is where the order stands.
func (o *Order) Status() order.Status { return o.status }

// Total is what the order costs, and the amount of every one of its payments.
func (o *Order) Total() money.Amount { return o.total }
