package simulator

import (
	"context"
	"fmt"
	"time"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
	"tirage/internal/platform/money"
)

// The outcomes in the book. A key without one is not settled yet.
const (
	approved = "approved"
	declined = "declined"
	voided   = "voided"
)

// Charge takes amount from a card under an idempotency key, and answers how the key was
// settled, now or earlier. It fails with ErrUnavailable or ErrTimeout, after which the
// same call should be made again, or for good with ErrRefused.
func (s *Simulator) Charge(ctx context.Context, key order.PaymentID, card domain.CardToken, amount money.Amount) (domain.Outcome, error) {
	calls, err := s.countCall(ctx, key, amount)
	if err != nil {
		return "", err
	}
	wanted, does := approved, behaviourOf(card)
	switch does {
	case approves, timeout:
	case declines:
		wanted = declined
	case outage:
		if calls <= 2 {
			return "", ErrUnavailable
		}
	case broken:
		return "", bus.Permanent(fmt.Errorf("%w: it cannot process this card", ErrRefused))
	default:
		return "", bus.Permanent(fmt.Errorf("%w: unknown card token", ErrRefused))
	}
	outcome, first, err := s.settle(ctx, key, wanted)
	if err == nil && first && does == timeout {
		return "", ErrTimeout
	}
	return outcome, err
}

// Void settles a key as declined unless it is settled already, and answers how it was.
// From then on no Charge can take money under it.
func (s *Simulator) Void(ctx context.Context, key order.PaymentID) (domain.Outcome, error) {
	if _, err := s.countCall(ctx, key, money.Amount{}); err != nil {
		return "", err
	}
	outcome, _, err := s.settle(ctx, key, voided)
	return outcome, err
}

// countCall opens the key in the book, or notes one more call of it, and returns how
// many there were.
func (s *Simulator) countCall(ctx context.Context, key order.PaymentID, amount money.Amount) (calls int, err error) {
	err = s.db.Direct(ctx).Raw(`
		INSERT INTO simulator_charges (key, amount_minor, currency, outcome, calls) VALUES (?, ?, ?, '', 1)
		ON CONFLICT (key) DO UPDATE SET calls = simulator_charges.calls + 1
		RETURNING calls`, key, amount.Minor, amount.Currency).Scan(&calls).Error
	if err != nil {
		return 0, fmt.Errorf("open charge %s: %w", key, err)
	}
	return calls, nil
}

// settle gives an open key its outcome, unless somebody did before; first tells which.
// One conditional statement decides between any number of callers.
func (s *Simulator) settle(ctx context.Context, key order.PaymentID, wanted string) (outcome domain.Outcome, first bool, err error) {
	db := s.db.Direct(ctx)
	updated := db.Exec(`UPDATE simulator_charges SET outcome = ?, settled_at = ? WHERE key = ? AND outcome = ''`,
		wanted, database.At(time.Now()), key)
	if updated.Error != nil {
		return "", false, fmt.Errorf("settle charge %s: %w", key, updated.Error)
	}
	var settled string
	if err := db.Raw(`SELECT outcome FROM simulator_charges WHERE key = ?`, key).Scan(&settled).Error; err != nil {
		return "", false, fmt.Errorf("read charge %s: %w", key, err)
	}
	outcome = domain.Declined // or voided, which is no other thing to the shop
	if settled == approved {
		outcome = domain.Approved
	}
	return outcome, updated.RowsAffected == 1, nil
}
