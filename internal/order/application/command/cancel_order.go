package command

import (
	"context"
	"fmt"

	"tirage/internal/order"
	"tirage/internal/order/domain"
)

// CancelOrder is a customer's wish to give up an order that is not paid.
type CancelOrder struct {
	ID order.ID
}

// CancelOrderHandler handles CancelOrder.
type CancelOrderHandler struct{ orders domain.Orders }

// NewCancelOrderHandler returns the handler of CancelOrder.
func NewCancelOrderHandler(orders domain.Orders) *CancelOrderHandler {
	return &CancelOrderHandler{orders: orders}
}

// Handle fails with order.ErrNotFound, or with the errors of Order.Cancel.
func (h *CancelOrderHandler) Handle(ctx context.Context, c CancelOrder) error {
	if err := h.orders.Update(ctx, c.ID, (*domain.Order).Cancel); err != nil {
		return fmt.Errorf("cancel order: %w", err)
	}
	return nil
}
