// Package domain holds what the shop writes to its customers: one file per mail, and
// what a mail is. Start with Message below, then confirmation.go, the first mail a
// customer gets.
package domain

import (
	"context"
	"time"
)

// Template names a mail. It is part of the message's ID, so it is never renamed.
type Template string

// The mails of the shop.
const (
	Confirmation Template = "confirmation"
	AnotherCard  Template = "another-card"
	Receipt      Template = "receipt"
	Cancellation Template = "cancellation"
	RefundNotice Template = "refund-notice"
)

// Message is one mail to one customer, in plain text.
type Message struct {
	// ID is the same whenever the same mail is made again. It is the idempotency key of
	// sending it, and becomes the Message-ID by which mail programs drop a repetition.
	ID       string
	OrderID  string
	Template Template
	To       EmailAddress
	Subject  string
	Text     string
}

// aboutPayment makes the mail one of those that a customer gets once per payment, and
// not once per order.
func (m Message) aboutPayment(id string) Message {
	m.ID += "." + id
	return m
}

// Mail is a message that was sent.
type Mail struct {
	Message

	SentAt time.Time
}

// Mails remembers what was sent.
type Mails interface {
	// Sent tells whether the mail with an ID is remembered.
	Sent(ctx context.Context, id string) (bool, error)
	// Add remembers a mail. One that is remembered already is left as it is.
	Add(ctx context.Context, m Mail) error
}
