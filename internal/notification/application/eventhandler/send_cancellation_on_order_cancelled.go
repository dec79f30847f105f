package eventhandler

import (
	"context"

	"tirage/internal/notification/domain"
	"tirage/internal/order"
)

// SendCancellationOnOrderCancelled tells the customer that their order was cancelled,
// and why.
type SendCancellationOnOrderCancelled struct{ post *Post }

// NewSendCancellationOnOrderCancelled returns the handler.
func NewSendCancellationOnOrderCancelled(post *Post) *SendCancellationOnOrderCancelled {
	return &SendCancellationOnOrderCancelled{post: post}
}

// Call sends the mail. It is true however late it comes: nothing follows a cancellation.
func (h *SendCancellationOnOrderCancelled) Call(ctx context.Context, e order.OrderCancelled) (Outcome, error) {
	_, o, err := h.post.order(ctx, e.OrderID)
	if err != nil {
		return Outcome{}, err
	}
	return h.post.send(ctx, domain.CancellationOf(o, reasonOf(e)))
}

func reasonOf(e order.OrderCancelled) domain.CancellationReason {
	switch e.Reason {
	case order.SoldOut:
		return domain.SoldOut
	case order.Unpaid:
		return domain.Unpaid
	case order.ByCustomer:
		return domain.ByCustomer
	default:
		return domain.OtherReason
	}
}

// Complete remembers the mail.
func (h *SendCancellationOnOrderCancelled) Complete(ctx context.Context, _ order.OrderCancelled, outcome Outcome) error {
	return h.post.remember(ctx, outcome)
}
