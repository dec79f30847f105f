package eventhandler

import (
	"context"
	"fmt"

	"tirage/internal/notification/domain"
	"tirage/internal/order"
	"tirage/internal/platform/bus"
	"tirage/internal/stock"
)

// SendReceiptOnOrderConfirmed tells the customer that their order is paid, and which
// numbered copies are theirs.
type SendReceiptOnOrderConfirmed struct{ post *Post }

// NewSendReceiptOnOrderConfirmed returns the handler.
func NewSendReceiptOnOrderConfirmed(post *Post) *SendReceiptOnOrderConfirmed {
	return &SendReceiptOnOrderConfirmed{post: post}
}

// Call sends the mail, unless the order was refunded meanwhile: its copies are somebody
// else's then, or will be.
func (h *SendReceiptOnOrderConfirmed) Call(ctx context.Context, e order.OrderConfirmed) (Outcome, error) {
	view, o, err := h.post.order(ctx, e.OrderID)
	if err != nil || view.Status != order.Confirmed && view.Status != order.Shipped {
		return Outcome{}, err
	}
	editions, err := h.editions(ctx, view)
	if err != nil {
		return Outcome{}, err
	}
	return h.post.send(ctx, domain.ReceiptOf(o, editions))
}

// editions asks for the order's numbers, one for every copy. There are fewer when a
// refund comes in between; the next attempt sees that in the order.
func (h *SendReceiptOnOrderConfirmed) editions(ctx context.Context, view order.View) ([]domain.Edition, error) {
	owned, err := bus.Ask[[]stock.Edition](ctx, h.post.queries, stock.GetEditions{OrderID: string(view.ID)})
	if err != nil {
		return nil, fmt.Errorf("look up the editions of order %s: %w", view.ID, err)
	}
	copies := 0
	for _, line := range view.Lines {
		copies += line.Quantity
	}
	if len(owned) != copies {
		return nil, fmt.Errorf("order %s has %d copies and %d numbers", view.ID, copies, len(owned))
	}
	editions := make([]domain.Edition, len(owned))
	for i, e := range owned {
		editions[i] = domain.Edition{SKU: e.SKU, Number: e.Number, Size: e.EditionSize}
	}
	return editions, nil
}

// Complete remembers the mail.
func (h *SendReceiptOnOrderConfirmed) Complete(ctx context.Context, _ order.OrderConfirmed, outcome Outcome) error {
	return h.post.remember(ctx, outcome)
}
