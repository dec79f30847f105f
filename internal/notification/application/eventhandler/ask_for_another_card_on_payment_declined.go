package eventhandler

import (
	"context"
	"time"

	"tirage/internal/notification/domain"
	"tirage/internal/order"
)

// AskForAnotherCardOnPaymentDeclined tells the customer that their card was declined,
// and that they can pay with another.
type AskForAnotherCardOnPaymentDeclined struct{ post *Post }

// NewAskForAnotherCardOnPaymentDeclined returns the handler.
func NewAskForAnotherCardOnPaymentDeclined(post *Post) *AskForAnotherCardOnPaymentDeclined {
	return &AskForAnotherCardOnPaymentDeclined{post: post}
}

// Call sends the mail, unless it is too late to pay, or another payment was begun.
func (h *AskForAnotherCardOnPaymentDeclined) Call(ctx context.Context, e order.PaymentDeclined) (Outcome, error) {
	view, o, err := h.post.order(ctx, e.OrderID)
	if err != nil || !waitsForAnotherCard(view, e.PaymentID) {
		return Outcome{}, err
	}
	return h.post.send(ctx, domain.AnotherCardFor(o, string(e.PaymentID)))
}

// waitsForAnotherCard tells whether the order can be paid, and was not since declined.
func waitsForAnotherCard(view order.View, declined order.PaymentID) bool {
	if view.Status != order.Reserved || !time.Now().Before(view.PayBy) || len(view.Payments) == 0 {
		return false
	}
	return view.Payments[len(view.Payments)-1].ID == declined
}

// Complete remembers the mail.
func (h *AskForAnotherCardOnPaymentDeclined) Complete(ctx context.Context, _ order.PaymentDeclined, outcome Outcome) error {
	return h.post.remember(ctx, outcome)
}
