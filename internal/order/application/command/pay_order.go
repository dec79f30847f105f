package command

import (
	"context"
	"fmt"
	"time"

	"tirage/internal/order"
	"tirage/internal/order/domain"
)

// PayOrder pays an order with another card after one was declined, or got stuck. Sent
// again with the same PaymentID it does nothing.
type PayOrder struct {
	ID        order.ID
	PaymentID order.PaymentID
	Card      domain.CardToken
}

// PayOrderHandler handles PayOrder.
type PayOrderHandler struct{ orders domain.Orders }

// NewPayOrderHandler returns the handler of PayOrder.
func NewPayOrderHandler(orders domain.Orders) *PayOrderHandler {
	return &PayOrderHandler{orders: orders}
}

// Handle fails with order.ErrNotFound, or with the errors of Order.PayAgain.
func (h *PayOrderHandler) Handle(ctx context.Context, c PayOrder) error {
	err := h.orders.Update(ctx, c.ID, func(o *domain.Order) error {
		return o.PayAgain(c.PaymentID, c.Card, time.Now())
	})
	if err != nil {
		return fmt.Errorf("pay order: %w", err)
	}
	return nil
}
