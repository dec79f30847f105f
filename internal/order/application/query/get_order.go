// Package query holds what may be asked about orders, one question a file. Start with
// get_order.go, the one that other contexts ask too.
package query

import (
	"context"

	"tirage/internal/order"
)

// viewsByID finds the view of an order, or fails with order.ErrNotFound.
type viewsByID interface {
	ByID(ctx context.Context, id order.ID) (order.View, error)
}

// GetOrderHandler answers order.GetOrder.
type GetOrderHandler struct{ views viewsByID }

// NewGetOrderHandler returns the handler of order.GetOrder.
func NewGetOrderHandler(views viewsByID) *GetOrderHandler {
	return &GetOrderHandler{views: views}
}

// Handle fails with order.ErrNotFound.
func (h *GetOrderHandler) Handle(ctx context.Context, q order.GetOrder) (order.View, error) {
	return h.views.ByID(ctx, q.ID)
}
