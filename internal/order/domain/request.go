package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Request is a customer's request to place an order, as the shop remembers it: a request
// that comes again, because its answer was lost, leads to the same order. Only NewRequest
// makes one that is new.
type Request struct {
	Key     string // SHA-256 of the customer's idempotency key
	Content string // a fingerprint of what was asked for
}

// NewRequest returns the request that a customer identified by key, or fails with
// ErrNoKey. content holds a card number, of which there are too few for a plain hash to
// hide one: so the shop's secret goes into its fingerprint.
func NewRequest(key string, content []byte, secret Secret) (Request, error) {
	if key == "" {
		return Request{}, ErrNoKey
	}
	sum := sha256.Sum256([]byte(key))
	return Request{Key: hex.EncodeToString(sum[:]), Content: secret.fingerprint(content)}, nil
}

// Check fails with ErrKeyReused when again, which has the same key, is another request.
func (r Request) Check(again Request) error {
	if r.Content != again.Content {
		return fmt.Errorf("%w: send another request under another key", ErrKeyReused)
	}
	return nil
}
