package eventhandler

import (
	"context"
	"fmt"
	"time"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/platform/money"
)

// chargeProvider is the part of the payment provider that takes money. key is the
// idempotency key: the provider settles it once, and gives every later call that same
// outcome. An error says that the outcome is unknown.
type chargeProvider interface {
	// Charge takes amount from a card.
	Charge(ctx context.Context, key order.PaymentID, card domain.CardToken, amount money.Amount) (domain.Outcome, error)
	voidProvider
}

// ChargeOnPaymentRequested has the payment provider charge the card, and tells the
// order what came of it.
type ChargeOnPaymentRequested struct {
	orders   domain.Orders
	provider chargeProvider
}

// NewChargeOnPaymentRequested returns the handler.
func NewChargeOnPaymentRequested(orders domain.Orders, provider chargeProvider) *ChargeOnPaymentRequested {
	return &ChargeOnPaymentRequested{orders: orders, provider: provider}
}

// Call asks the provider for the outcome of a payment. One that is known is not asked for
// again. One that was given up meanwhile is not charged any more; but it was perhaps
// before that, and then that outcome must be learnt.
func (h *ChargeOnPaymentRequested) Call(ctx context.Context, e order.PaymentRequested) (domain.Outcome, error) {
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
	var outcome domain.Outcome
	if payment.Status == order.PaymentGivenUp {
		outcome, err = h.provider.Void(ctx, payment.ID)
	} else {
		outcome, err = h.provider.Charge(ctx, payment.ID, payment.Card, o.Total())
	}
	if err != nil {
		return "", fmt.Errorf("charge payment %s: %w", payment.ID, err)
	}
	return outcome, nil
}

// Complete tells the order the outcome.
func (h *ChargeOnPaymentRequested) Complete(ctx context.Context, e order.PaymentRequested, outcome domain.Outcome) error {
	return tellOutcome(ctx, h.orders, e.OrderID, e.PaymentID, outcome)
}

// tellOutcome tells an order what the provider answered.
func tellOutcome(ctx context.Context, orders domain.Orders, id order.ID, payment order.PaymentID, outcome domain.Outcome) error {
	return orders.Update(ctx, id, func(o *domain.Order) error {
		if outcome == domain.Approved {
			return o.PaymentReceived(payment)
		}
		return o.PaymentDeclined(payment, time.Now())
	})
}
