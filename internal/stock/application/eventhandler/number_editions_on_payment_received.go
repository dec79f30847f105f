package eventhandler

import (
	"context"

	"tirage/internal/order"
	"tirage/internal/stock/domain"
)

// NumberEditionsOnPaymentReceived sells a paid order its copies, and numbers them.
type NumberEditionsOnPaymentReceived struct{ reservations domain.Reservations }

// NewNumberEditionsOnPaymentReceived returns the handler.
func NewNumberEditionsOnPaymentReceived(reservations domain.Reservations) NumberEditionsOnPaymentReceived {
	return NumberEditionsOnPaymentReceived{reservations: reservations}
}

// Handle implements the reaction. Where the order's stock was released it does nothing:
// money that comes for a cancelled order is refunded. It fails with
// domain.ErrNotReserved, to be tried again, where stock was not asked for yet.
func (h NumberEditionsOnPaymentReceived) Handle(ctx context.Context, e order.PaymentReceived) error {
	return h.reservations.Update(ctx, string(e.OrderID), (*domain.Reservation).NumberEditions)
}
