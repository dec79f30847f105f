package store

import (
	"context"
	"fmt"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/platform/database"
)

// Views reads orders as others may see them.
type Views struct{ db *database.DB }

// NewViews returns the views of the orders in db.
func NewViews(db *database.DB) *Views { return &Views{db: db} }

// ByID finds an order, or fails with order.ErrNotFound.
func (v *Views) ByID(ctx context.Context, id order.ID) (order.View, error) {
	s, err := load(v.db.Conn(ctx), "id = ?", id)
	if err != nil {
		return order.View{}, fmt.Errorf("view order %s: %w", id, err)
	}
	return viewOf(s), nil
}

// ByTokenHash finds an order by the hash of its token, or fails with order.ErrNotFound.
func (v *Views) ByTokenHash(ctx context.Context, hash string) (order.View, error) {
	s, err := load(v.db.Conn(ctx), "token_hash = ?", hash)
	if err != nil {
		return order.View{}, fmt.Errorf("view order by token: %w", err)
	}
	return viewOf(s), nil
}

func viewOf(s domain.Snapshot) order.View {
	view := order.View{
		ID:       s.ID,
		Status:   s.Status,
		Reason:   s.Reason,
		Tracking: s.Tracking,
		Customer: s.Customer,
		Lines:    s.Lines,
		Total:    s.Total,
		PlacedAt: s.PlacedAt,
		PayBy:    s.PayBy,
		Payments: make([]order.Payment, len(s.Payments)),
	}
	for i, p := range s.Payments {
		view.Payments[i] = order.Payment{ID: p.ID, Status: p.Status}
	}
	return view
}
