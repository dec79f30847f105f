package eventhandler

import (
	"context"
	"time"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/platform/bus"
)

// CancelUnpaidOrderOnOrderCreated ends an order that was not paid in time. It is
// subscribed with the payment window as its delay.
type CancelUnpaidOrderOnOrderCreated struct{ orders domain.Orders }

// NewCancelUnpaidOrderOnOrderCreated returns the handler.
func NewCancelUnpaidOrderOnOrderCreated(orders domain.Orders) *CancelUnpaidOrderOnOrderCreated {
	return &CancelUnpaidOrderOnOrderCreated{orders: orders}
}

// Handle fails with bus.NotYet while it is too early, or a payment may still arrive, and
// with order.ErrNotFound.
func (h *CancelUnpaidOrderOnOrderCreated) Handle(ctx context.Context, e order.OrderCreated) error {
	var wait time.Duration
	err := h.orders.Update(ctx, e.OrderID, func(o *domain.Order) error {
		wait = o.CancelUnpaid(time.Now())
		return nil
	})
	if err == nil && wait > 0 {
		return bus.NotYet(wait, "the order may still be paid")
	}
	return err
}
