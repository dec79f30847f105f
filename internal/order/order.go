// Package order is the published language of the order context: the ids, events and
// queries that other contexts may use. It is a leaf: it imports no other context.
//
// An order's life begins in application/command (CreateOrder) and is decided in
// domain; what others may hear of it is in events.go.
package order

import "tirage/internal/platform/event"

// ID identifies an order. It is made by whoever places the order, before it is stored.
type ID string

// PaymentID identifies one attempt to pay an order. It is also the idempotency key
// under which the payment provider is asked.
type PaymentID string

// NewID returns a fresh order id.
func NewID() ID { return ID(event.NewID()) }

// NewPaymentID returns a fresh payment id.
func NewPaymentID() PaymentID { return PaymentID(event.NewID()) }
