package command

import (
	"context"
	"fmt"

	"tirage/internal/order"
	"tirage/internal/order/domain"
)

// ShipOrder has staff send a sold order on its way.
type ShipOrder struct {
	ID       order.ID
	Tracking string // the carrier's code
}

// ShipOrderHandler handles ShipOrder.
type ShipOrderHandler struct{ orders domain.Orders }

// NewShipOrderHandler returns the handler of ShipOrder.
func NewShipOrderHandler(orders domain.Orders) *ShipOrderHandler {
	return &ShipOrderHandler{orders: orders}
}

// Handle fails with domain.ErrInvalidTracking, with order.ErrNotFound, or with the errors
// of Order.Ship.
func (h *ShipOrderHandler) Handle(ctx context.Context, c ShipOrder) error {
	tracking, err := domain.ParseTracking(c.Tracking)
	if err != nil {
		return fmt.Errorf("ship order: %w", err)
	}
	err = h.orders.Update(ctx, c.ID, func(o *domain.Order) error { return o.Ship(tracking) })
	if err != nil {
		return fmt.Errorf("ship order: %w", err)
	}
	return nil
}
