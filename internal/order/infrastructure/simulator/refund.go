package simulator

import (
	"context"
	"fmt"
	"time"

	"tirage/internal/order"
	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
	"tirage/internal/platform/money"
)

// Refund gives the money of an approved charge back, once however often it is called
// under an idempotency key. It fails for good with ErrRefused when no such charge was
// approved over that amount.
func (s *Simulator) Refund(ctx context.Context, key string, payment order.PaymentID, amount money.Amount) error {
	var calls int
	err := s.db.Direct(ctx).Raw(`
		INSERT INTO simulator_refunds (key, charge_key, amount_minor, currency, calls, refunded_at)
		SELECT ?, key, amount_minor, currency, 1, CAST(? AS BIGINT) FROM simulator_charges
		WHERE key = ? AND outcome = 'approved' AND amount_minor = ? AND currency = ?
		ON CONFLICT (key) DO UPDATE SET calls = simulator_refunds.calls + 1
		RETURNING calls`,
		key, database.At(time.Now()), payment, amount.Minor, amount.Currency).Scan(&calls).Error
	if err != nil {
		return fmt.Errorf("refund %s: %w", key, err)
	}
	if calls == 0 { // no row came back: there was nothing to refund
		return bus.Permanent(fmt.Errorf("%w: no approved charge %s over %s", ErrRefused, payment, amount))
	}
	return nil
}
