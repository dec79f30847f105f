package domain

import (
	"errors"
	"net/mail"
)

// ErrInvalidAddress says that something is no e-mail address. It does not repeat it:
// addresses are personal, and errors end in logs.
var ErrInvalidAddress = errors.New("invalid e-mail address")

// EmailAddress is one that mail can be sent to. Only ParseEmailAddress makes one.
type EmailAddress struct{ address string }

// ParseEmailAddress reads a bare address ("ada@example.com"), or fails with
// ErrInvalidAddress. It refuses display names, comments and control characters, so an
// address cannot bring a header of its own.
func ParseEmailAddress(s string) (EmailAddress, error) {
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Address != s {
		return EmailAddress{}, ErrInvalidAddress
	}
	return EmailAddress{s}, nil
}

// String is the address.
func (a EmailAddress) String() string { return a.address }
