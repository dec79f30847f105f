// Package simulator stands in for a payment provider. It keeps books of its own (the
// tables simulator_charges and simulator_refunds), settles every idempotency key once,
// and misbehaves on demand: the card decides how, see Cards.
//
// Start with charge.go. To take real money, write another package with these methods.
package simulator

import (
	"errors"

	"tirage/internal/platform/database"
)

// Simulator is a payment provider that takes no money. It writes its books in
// transactions of its own, as a provider on another continent would: so it must not be
// called inside a unit of work.
type Simulator struct{ db *database.DB }

// New returns the simulator whose books are in db.
func New(db *database.DB) *Simulator { return &Simulator{db: db} }

var (
	// ErrUnavailable says that the provider is down: nothing was charged, try again.
	ErrUnavailable = errors.New("payment provider is unavailable")
	// ErrTimeout says that the provider did not answer in time. It may have charged.
	ErrTimeout = errors.New("payment provider timed out")
	// ErrRefused says that the provider will never do what was asked of it.
	ErrRefused = errors.New("payment provider refused the request")
)
