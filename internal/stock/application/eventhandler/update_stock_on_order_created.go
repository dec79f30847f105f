// Package eventhandler holds the stock context's reactions to what happens elsewhere.
// Each file is one reaction, named after it. All of them leave to domain.Reservation
// what is still to be done, so they may run twice, late and in any order.
package eventhandler

import (
	"context"
	"fmt"

	"tirage/internal/order"
	"tirage/internal/platform/bus"
	"tirage/internal/stock/domain"
)

// UpdateStockOnOrderCreated holds the copies that a new order asks for, or rejects it.
type UpdateStockOnOrderCreated struct {
	reservations domain.Reservations
	queries      *bus.Queries
}

// NewUpdateStockOnOrderCreated returns the handler. It asks queries for the order.
func NewUpdateStockOnOrderCreated(reservations domain.Reservations, queries *bus.Queries) UpdateStockOnOrderCreated {
	return UpdateStockOnOrderCreated{reservations: reservations, queries: queries}
}

// Handle implements the reaction. A line that can never be right is a permanent error.
func (h UpdateStockOnOrderCreated) Handle(ctx context.Context, e order.OrderCreated) error {
	placed, err := bus.Ask[order.View](ctx, h.queries, order.GetOrder{ID: e.OrderID})
	if err != nil {
		return fmt.Errorf("ask for order %s: %w", e.OrderID, err)
	}
	wanted := make([]domain.Line, len(placed.Lines))
	for i, line := range placed.Lines {
		if wanted[i], err = domain.NewLine(line.SKU, line.Quantity); err != nil {
			return bus.Permanent(fmt.Errorf("read order %s: %w", e.OrderID, err))
		}
	}
	return h.reservations.Update(ctx, string(e.OrderID), func(r *domain.Reservation, shelf domain.Shelf) error {
		return r.Reserve(wanted, shelf)
	})
}
