package domain

import (
	"time"

	"tirage/internal/order"
	"tirage/internal/platform/event"
	"tirage/internal/platform/money"
)

// Snapshot is all that is stored of an order, in plain values.
type Snapshot struct {
	ID        order.ID
	Version   int
	TokenHash string
	Status    order.Status
	Reason    order.Reason
	Tracking  string
	Customer  order.Customer
	Lines     []order.Line
	Total     money.Amount
	CardToken string
	PlacedAt  time.Time
	PayBy     time.Time
	Payments  []PaymentSnapshot
}

// PaymentSnapshot is all that is stored of a payment.
type PaymentSnapshot struct {
	ID        order.PaymentID
	Status    order.PaymentStatus
	CardToken string
	Since     time.Time
}

// FromSnapshot makes the order of a snapshot that was stored. It checks nothing again.
func FromSnapshot(s Snapshot) *Order {
	o := &Order{
		Recorder:  event.Recall(Kind, string(s.ID), s.Version),
		id:        s.ID,
		tokenHash: s.TokenHash,
		status:    s.Status,
		reason:    s.Reason,
		tracking:  Tracking{s.Tracking},
		customer:  Customer{name: s.Customer.Name, email: Email{s.Customer.Email}, address: s.Customer.Address},
		total:     s.Total,
		card:      CardToken{s.CardToken},
		placedAt:  s.PlacedAt,
		payBy:     s.PayBy,
	}
	for _, l := range s.Lines {
		o.lines = append(o.lines, NewLine(l.SKU, l.Title, l.Size, Quantity{l.Quantity}, l.Price))
	}
	for _, p := range s.Payments {
		o.payments = append(o.payments, Payment{ID: p.ID, Status: p.Status, Card: CardToken{p.CardToken}, Since: p.Since})
	}
	return o
}

// Snapshot returns the order as it is to be stored.
func (o *Order) Snapshot() Snapshot {
	s := Snapshot{
		ID:        o.id,
		Version:   o.Version(),
		TokenHash: o.tokenHash,
		Status:    o.status,
		Reason:    o.reason,
		Tracking:  o.tracking.code,
		Customer:  order.Customer{Name: o.customer.name, Email: o.customer.email.address, Address: o.customer.address},
		Total:     o.total,
		CardToken: o.card.token,
		PlacedAt:  o.placedAt,
		PayBy:     o.payBy,
	}
	for _, l := range o.lines {
		s.Lines = append(s.Lines, order.Line{
			SKU: l.sku, Title: l.title, Size: l.size, Quantity: l.quantity.copies, Price: l.price,
		})
	}
	for _, p := range o.payments {
		s.Payments = append(s.Payments, PaymentSnapshot{ID: p.ID, Status: p.Status, CardToken: p.Card.token, Since: p.Since})
	}
	return s
}
