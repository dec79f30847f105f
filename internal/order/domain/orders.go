package domain

import (
	"context"

	"tirage/internal/order"
)

// Orders is where orders are kept. Add and Update must run in a unit of work.
type Orders interface {
	// Add stores a new order, or fails with ErrOrderExists.
	Add(ctx context.Context, o *Order) error
	// Update loads an order, runs change on it while nobody else can, and stores what
	// it recorded. It fails with order.ErrNotFound, or with the error of change.
	Update(ctx context.Context, id order.ID, change func(*Order) error) error
	// Find loads an order to look at, or fails with order.ErrNotFound.
	Find(ctx context.Context, id order.ID) (*Order, error)
}
