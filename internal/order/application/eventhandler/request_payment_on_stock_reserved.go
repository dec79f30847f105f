// Package eventhandler holds what an order does when something has happened, one
// reaction a file, named reaction-on-fact. Each may run twice, late, early and side by
// side: the order decides on its own row what is still to be done.
//
// Start with charge_on_payment_requested.go, the one that talks to the outside world.
package eventhandler

import (
	"context"
	"time"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/stock"
)

// RequestPaymentOnStockReserved asks for the money once the copies are held.
type RequestPaymentOnStockReserved struct{ orders domain.Orders }

// NewRequestPaymentOnStockReserved returns the handler.
func NewRequestPaymentOnStockReserved(orders domain.Orders) *RequestPaymentOnStockReserved {
	return &RequestPaymentOnStockReserved{orders: orders}
}

// Handle fails with order.ErrNotFound.
func (h *RequestPaymentOnStockReserved) Handle(ctx context.Context, e stock.StockReserved) error {
	return h.orders.Update(ctx, order.ID(e.OrderID), func(o *domain.Order) error {
		o.RequestPayment(order.NewPaymentID(), time.Now())
		return nil
	})
}
