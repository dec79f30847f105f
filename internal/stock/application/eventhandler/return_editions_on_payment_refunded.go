package eventhandler

import (
	"context"

	"tirage/internal/order"
	"tirage/internal/stock/domain"
)

// ReturnEditionsOnPaymentRefunded takes a refunded order's copies, and their
// numbers, back.
type ReturnEditionsOnPaymentRefunded struct{ reservations domain.Reservations }

// NewReturnEditionsOnPaymentRefunded returns the handler.
func NewReturnEditionsOnPaymentRefunded(reservations domain.Reservations) ReturnEditionsOnPaymentRefunded {
	return ReturnEditionsOnPaymentRefunded{reservations: reservations}
}

// Handle implements the reaction.
func (h ReturnEditionsOnPaymentRefunded) Handle(ctx context.Context, e order.PaymentRefunded) error {
	return h.reservations.Update(ctx, string(e.OrderID), (*domain.Reservation).ReturnEditions)
}
