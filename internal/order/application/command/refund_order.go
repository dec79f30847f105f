package command

import (
	"context"
	"fmt"

	"tirage/internal/order"
	"tirage/internal/order/domain"
)

// RefundOrder has staff give the money of a sold order back, shipped or not.
type RefundOrder struct {
	ID order.ID
}

// RefundOrderHandler handles RefundOrder.
type RefundOrderHandler struct{ orders domain.Orders }

// NewRefundOrderHandler returns the handler of RefundOrder.
func NewRefundOrderHandler(orders domain.Orders) *RefundOrderHandler {
	return &RefundOrderHandler{orders: orders}
}

// Handle fails with order.ErrNotFound or domain.ErrNotRefundable.
func (h *RefundOrderHandler) Handle(ctx context.Context, c RefundOrder) error {
	if err := h.orders.Update(ctx, c.ID, (*domain.Order).Refund); err != nil {
		return fmt.Errorf("refund order: %w", err)
	}
	return nil
}
