package domain

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Customer is who ordered, and where the prints go. Only NewCustomer makes one.
type Customer struct {
	name    string
	email   Email
	address string
}

// The longest name and address, in characters, and the longest e-mail address, in
// bytes (RFC 5321).
const (
	MaxName    = 100
	MaxAddress = 500
	MaxEmail   = 254
)

// NewCustomer reads what a customer typed. It fails with ErrInvalidName,
// ErrInvalidEmail or ErrInvalidAddress.
func NewCustomer(name, email, address string) (Customer, error) {
	name = strings.TrimSpace(name)
	if err := checkText(name, MaxName, ""); err != nil {
		return Customer{}, fmt.Errorf("%w: %w", ErrInvalidName, err)
	}
	parsed, err := ParseEmail(email)
	if err != nil {
		return Customer{}, err
	}
	// A browser sends the lines of a text area with CRLF.
	address = strings.TrimSpace(strings.ReplaceAll(address, "\r\n", "\n"))
	if err := checkText(address, MaxAddress, "\n"); err != nil {
		return Customer{}, fmt.Errorf("%w: %w", ErrInvalidAddress, err)
	}
	return Customer{name: name, email: parsed, address: address}, nil
}

// Email is an address that mail can be sent to. Only ParseEmail makes one.
type Email struct{ address string }

// ParseEmail reads a bare e-mail address ("ada@example.com"), or fails with
// ErrInvalidEmail. Display names, comments and control characters are refused, so that
// an address can never carry a mail header of its own.
func ParseEmail(s string) (Email, error) {
	s = strings.Trim(s, " ")
	if err := checkText(s, MaxEmail, ""); err != nil {
		return Email{}, fmt.Errorf("%w: %w", ErrInvalidEmail, err)
	}
	if len(s) > MaxEmail {
		return Email{}, fmt.Errorf("%w: it is longer than %d bytes", ErrInvalidEmail, MaxEmail)
	}
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Name != "" || parsed.Address != s {
		return Email{}, fmt.Errorf("%w: it must look like ada@example.com", ErrInvalidEmail)
	}
	return Email{s}, nil
}

// String is the address.
func (e Email) String() string { return e.address }

// checkText says what is wrong with s: nothing in it, more than most characters, or a
// control character other than those allowed.
func checkText(s string, most int, allowed string) error {
	if s == "" {
		return errEmpty
	}
	if !utf8.ValidString(s) {
		return errNotText
	}
	if n := utf8.RuneCountInString(s); n > most {
		return fmt.Errorf("%d characters are more than %d", n, most)
	}
	for _, r := range s {
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) && !strings.ContainsRune(allowed, r) {
			return errNotText
		}
	}
	return nil
}
