package eventhandler

import (
	"context"

	"tirage/internal/order"
	"tirage/internal/stock/domain"
)

// ReleaseStockOnOrderCancelled puts back what a cancelled order held.
type ReleaseStockOnOrderCancelled struct{ reservations domain.Reservations }

// NewReleaseStockOnOrderCancelled returns the handler.
func NewReleaseStockOnOrderCancelled(reservations domain.Reservations) ReleaseStockOnOrderCancelled {
	return ReleaseStockOnOrderCancelled{reservations: reservations}
}

// Handle implements the reaction. It may come before the stock was asked for, which
// then finds that it came too late.
func (h ReleaseStockOnOrderCancelled) Handle(ctx context.Context, e order.OrderCancelled) error {
	return h.reservations.Update(ctx, string(e.OrderID), (*domain.Reservation).Release)
}
