package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Token is the secret that lets its bearer see, pay and cancel one order. The customer
// has it, in the address of the order's page; the shop keeps no more than its hash, and
// makes it anew from the order's id and the shop's Secret when it needs it.
type Token string

// TokenLifetime is how long after an order was placed its token opens it.
const TokenLifetime = 365 * 24 * time.Hour

// Hash is what is stored of the token: SHA-256 in hexadecimal digits. The token is as
// random as the hash, so it needs no salt and no slow hash.
func (t Token) Hash() string {
	sum := sha256.Sum256([]byte(t))
	return hex.EncodeToString(sum[:])
}

// minToken is the shortest token, in bytes, that can hold 128 random bits.
const minToken = 22

func (t Token) check() error {
	if len(t) < minToken {
		return ErrInvalidToken
	}
	return nil
}

// CardToken stands for a card at the payment provider. The card's number goes to the
// provider alone and is never stored. Only ParseCardToken makes one.
type CardToken struct{ token string }

// maxCardToken is the longest provider token, in bytes, that is kept.
const maxCardToken = 200

// ParseCardToken reads a provider's token, or fails with ErrInvalidCard. What could be
// a card number is refused, lest one is stored by mistake.
func ParseCardToken(s string) (CardToken, error) {
	notPrintable := func(r rune) bool { return r <= ' ' || r > unicode.MaxASCII-1 }
	switch {
	case s == "", len(s) > maxCardToken, strings.ContainsFunc(s, notPrintable):
		return CardToken{}, fmt.Errorf("%w: not a card token", ErrInvalidCard)
	case strings.Trim(s, "0123456789-") == "":
		return CardToken{}, fmt.Errorf("%w: a card number is not a token", ErrInvalidCard)
	}
	return CardToken{s}, nil
}

// String is the token as the provider knows it.
func (c CardToken) String() string { return c.token }

func (c CardToken) check() error {
	if c.token == "" {
		return fmt.Errorf("%w: there is none", ErrInvalidCard)
	}
	return nil
}
