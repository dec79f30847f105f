package eventhandler

import (
	"context"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/stock"
)

// CancelOrderOnStockRejected ends an order whose prints are sold out.
type CancelOrderOnStockRejected struct{ orders domain.Orders }

// NewCancelOrderOnStockRejected returns the handler.
func NewCancelOrderOnStockRejected(orders domain.Orders) *CancelOrderOnStockRejected {
	return &CancelOrderOnStockRejected{orders: orders}
}

// Handle fails with order.ErrNotFound.
func (h *CancelOrderOnStockRejected) Handle(ctx context.Context, e stock.StockRejected) error {
	return h.orders.Update(ctx, order.ID(e.OrderID), func(o *domain.Order) error {
		o.CancelBecauseSoldOut()
		return nil
	})
}
