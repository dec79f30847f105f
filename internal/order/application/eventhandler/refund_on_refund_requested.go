package eventhandler

import (
	"context"
	"fmt"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/platform/money"
)

// refundProvider is the part of the payment provider that gives money back. key is the
// idempotency key: however often it is called, the money of a payment goes back once.
type refundProvider interface {
	Refund(ctx context.Context, key string, payment order.PaymentID, amount money.Amount) error
}

// RefundOnRefundRequested has the payment provider give the money back, and tells the
// order so.
type RefundOnRefundRequested struct {
	orders   domain.Orders
	provider refundProvider
}

// NewRefundOnRefundRequested returns the handler.
func NewRefundOnRefundRequested(orders domain.Orders, provider refundProvider) *RefundOnRefundRequested {
	return &RefundOnRefundRequested{orders: orders, provider: provider}
}

// Refunded is the outcome of a refund; there is no other.
type Refunded struct{}

// Call gives the money back, unless the order knows that it went back.
func (h *RefundOnRefundRequested) Call(ctx context.Context, e order.RefundRequested) (Refunded, error) {
	o, err := h.orders.Find(ctx, e.OrderID)
	if err != nil {
		return Refunded{}, err
	}
	payment, err := o.Payment(e.PaymentID)
	if err != nil {
		return Refunded{}, err
	}
	if payment.Status == order.PaymentReturned {
		return Refunded{}, nil
	}
	if err := h.provider.Refund(ctx, string(payment.ID)+"-refund", payment.ID, o.Total()); err != nil {
		return Refunded{}, fmt.Errorf("refund payment %s: %w", payment.ID, err)
	}
	return Refunded{}, nil
}

// Complete tells the order that the money went back.
func (h *RefundOnRefundRequested) Complete(ctx context.Context, e order.RefundRequested, _ Refunded) error {
	return h.orders.Update(ctx, e.OrderID, func(o *domain.Order) error {
		return o.PaymentReturned(e.PaymentID)
	})
}
