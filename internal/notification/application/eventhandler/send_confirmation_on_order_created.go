package eventhandler

import (
	"context"

	"tirage/internal/notification/domain"
	"tirage/internal/order"
)

// SendConfirmationOnOrderCreated tells the customer that their order has arrived.
type SendConfirmationOnOrderCreated struct{ post *Post }

// NewSendConfirmationOnOrderCreated returns the handler.
func NewSendConfirmationOnOrderCreated(post *Post) *SendConfirmationOnOrderCreated {
	return &SendConfirmationOnOrderCreated{post: post}
}

// Call sends the mail, unless the order has ended meanwhile: another mail says so, and
// this one would contradict it.
func (h *SendConfirmationOnOrderCreated) Call(ctx context.Context, e order.OrderCreated) (Outcome, error) {
	view, o, err := h.post.order(ctx, e.OrderID)
	if err != nil || view.Status == order.Cancelled || view.Status == order.Refunded {
		return Outcome{}, err
	}
	return h.post.send(ctx, domain.ConfirmationOf(o))
}

// Complete remembers the mail.
func (h *SendConfirmationOnOrderCreated) Complete(ctx context.Context, _ order.OrderCreated, outcome Outcome) error {
	return h.post.remember(ctx, outcome)
}
