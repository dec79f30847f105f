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
	// Void settles key as declined unless it is settled already: from then on no call
	// can take money under it.
	Void(ctx context.Context, key order.PaymentID) (domain.Outcome, error)
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

// Call asks the provider for the outcome of a payment. One that is known is not asked
// for again. A cancelled order is not charged any more; but it was perhaps before it was
// cancelled, and then that outcome must be learnt, for the money to go back.
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
	if o.Status() == order.Cancelled {
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
	return h.orders.Update(ctx, e.OrderID, func(o *domain.Order) error {
		if outcome == domain.Approved {
			return o.PaymentReceived(e.PaymentID)
		}
		return o.PaymentDeclined(e.PaymentID, time.Now())
	})
}
