// Package notification is the published language of the notification context: who
// hears what, by mail. It is a leaf: it imports no other context.
package notification

import "time"

// GetMails asks for the mails about an order; the answer is a []Mail, oldest first.
type GetMails struct {
	OrderID string
}

// Mail is a message the shop has sent. Its ID is the same however often sending it was
// tried, and is the left half of its Message-ID.
type Mail struct {
	ID       string    `json:"id"`
	OrderID  string    `json:"order_id"`
	Template string    `json:"template"`
	To       string    `json:"to"`
	Subject  string    `json:"subject"`
	Text     string    `json:"text"`
	SentAt   time.Time `json:"sent_at"`
}
