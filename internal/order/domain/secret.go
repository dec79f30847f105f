package domain

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"

	"tirage/internal/order"
)

// Secret is what only this shop knows. It makes order tokens that nobody else can guess
// and that need not be stored. Whoever changes it makes the shop forget the tokens it gave
// away: those go on working, but it cannot tell them again. Only NewSecret makes one.
type Secret struct{ key []byte }

// MinSecret is the shortest secret, in bytes.
const MinSecret = 32

// NewSecret returns the secret that text is, or fails with ErrInvalidSecret.
func NewSecret(text string) (Secret, error) {
	if len(text) < MinSecret {
		return Secret{}, fmt.Errorf("%w: want %d characters or more", ErrInvalidSecret, MinSecret)
	}
	return Secret{[]byte(text)}, nil
}

// Token is the token of an order: 160 bits in 32 letters and digits. Without a secret it
// is empty, and no order can be placed with it.
func (s Secret) Token(id order.ID) Token {
	if len(s.key) == 0 {
		return ""
	}
	return Token(base32.StdEncoding.EncodeToString(s.sign("order token", []byte(id))[:20]))
}

// fingerprint stands for content where it must be recognised, but cannot be kept.
func (s Secret) fingerprint(content []byte) string {
	return hex.EncodeToString(s.sign("request", content))
}

// sign makes what only the shop can make of data. What was made for one purpose is of no
// use for another.
func (s Secret) sign(purpose string, data []byte) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(purpose + "\x00"))
	mac.Write(data)
	return mac.Sum(nil)
}
