package command

import (
	"context"
	"fmt"

	"tirage/internal/order"
	"tirage/internal/order/domain"
)

// CancelOrderByStaff has staff end an order that is not paid. One that is paid is
// refunded instead.
type CancelOrderByStaff struct {
	ID order.ID
}

// CancelOrderByStaffHandler handles CancelOrderByStaff.
type CancelOrderByStaffHandler struct{ orders domain.Orders }

// NewCancelOrderByStaffHandler returns the handler of CancelOrderByStaff.
func NewCancelOrderByStaffHandler(orders domain.Orders) *CancelOrderByStaffHandler {
	return &CancelOrderByStaffHandler{orders: orders}
}

// Handle fails with order.ErrNotFound or domain.ErrAlreadyPaid.
func (h *CancelOrderByStaffHandler) Handle(ctx context.Context, c CancelOrderByStaff) error {
	if err := h.orders.Update(ctx, c.ID, (*domain.Order).CancelByStaff); err != nil {
		return fmt.Errorf("cancel order by staff: %w", err)
	}
	return nil
}
