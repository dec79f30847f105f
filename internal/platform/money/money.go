// Package money holds amounts as integer minor units of a currency, never as floats.
package money

import (
	"errors"
	"fmt"
)

// Amount is a sum of money: Minor units (cents) of an ISO 4217 Currency.
// The zero value is no money in no currency, and adds to any amount.
type Amount struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// ErrCurrencyMismatch is returned when amounts of two currencies are added.
var ErrCurrencyMismatch = errors.New("amounts are of different currencies")

// EUR returns an amount of euro cents.
func EUR(cents int64) Amount { return Amount{Minor: cents, Currency: "EUR"} }

// Plus adds two amounts of one currency, or fails with ErrCurrencyMismatch.
func (a Amount) Plus(b Amount) (Amount, error) {
	switch {
	case a == Amount{}:
		return b, nil
	case b == Amount{}:
		return a, nil
	case a.Currency != b.Currency:
		return Amount{}, fmt.Errorf("%w: %s and %s", ErrCurrencyMismatch, a.Currency, b.Currency)
	}
	return Amount{Minor: a.Minor + b.Minor, Currency: a.Currency}, nil
}

// Times returns n times the amount.
func (a Amount) Times(n int) Amount {
	return Amount{Minor: a.Minor * int64(n), Currency: a.Currency}
}

// String reads like "120.00 EUR".
func (a Amount) String() string {
	sign, minor := "", a.Minor
	if minor < 0 {
		sign, minor = "-", -minor
	}
	return fmt.Sprintf("%s%d.%02d %s", sign, minor/100, minor%100, a.Currency)
}
