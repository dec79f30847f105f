package eventhandler

import (
	"context"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/stock"
)

// ConfirmOrderOnEditionsNumbered ends the sale of a paid order.
type ConfirmOrderOnEditionsNumbered struct{ orders domain.Orders }

// NewConfirmOrderOnEditionsNumbered returns the handler.
func NewConfirmOrderOnEditionsNumbered(orders domain.Orders) *ConfirmOrderOnEditionsNumbered {
	return &ConfirmOrderOnEditionsNumbered{orders: orders}
}

// Handle fails with order.ErrNotFound.
func (h *ConfirmOrderOnEditionsNumbered) Handle(ctx context.Context, e stock.EditionsNumbered) error {
	return h.orders.Update(ctx, order.ID(e.OrderID), func(o *domain.Order) error {
		o.Confirm()
		return nil
	})
}
