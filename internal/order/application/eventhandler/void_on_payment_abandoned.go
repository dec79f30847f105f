package eventhandler

import (
	"context"
	"fmt"

	"tirage/internal/order"
	"tirage/internal/order/domain"
)

// voidProvider is the part of the payment provider that calls a payment off.
type voidProvider interface {
	// Void settles key as declined unless it is settled already, and answers how it is:
	// from then on no call can take money under it.
	Void(ctx context.Context, key order.PaymentID) (domain.Outcome, error)
}

// VoidOnPaymentAbandoned has the payment provider void a payment that the order waits for
// no longer, and tells the order whether the money was taken before that. It does not rely
// on the charge, which may be dead.
type VoidOnPaymentAbandoned struct {
	orders   domain.Orders
	provider voidProvider
}

// NewVoidOnPaymentAbandoned returns the handler.
func NewVoidOnPaymentAbandoned(orders domain.Orders, provider voidProvider) *VoidOnPaymentAbandoned {
	return &VoidOnPaymentAbandoned{orders: orders, provider: provider}
}

// Call asks the provider, unless the outcome is known: the charge may have come back.
func (h *VoidOnPaymentAbandoned) Call(ctx context.Context, e order.PaymentAbandoned) (domain.Outcome, error) {
	o, err := h.orders.Find(ctx, e.OrderID)
	if err != nil {
		return "", err
	}
	payment, err := o.Payment(e.PaymentID)
	if err != nil {
		return "", err
	}
	if outcome, known := payment.Outcome(); known {
		return outcome, nil
	}
	outcome, err := h.provider.Void(ctx, payment.ID)
	if err != nil {
		return "", fmt.Errorf("void payment %s: %w", payment.ID, err)
	}
	return outcome, nil
}

// Complete tells the order the outcome.
func (h *VoidOnPaymentAbandoned) Complete(ctx context.Context, e order.PaymentAbandoned, outcome domain.Outcome) error {
	return tellOutcome(ctx, h.orders, e.OrderID, e.PaymentID, outcome)
}
