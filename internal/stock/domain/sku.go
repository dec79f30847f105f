package domain

import (
	"errors"
	"fmt"
	"regexp"
)

var (
	// ErrMalformedSKU is returned by ParseSKU for what no SKU looks like.
	ErrMalformedSKU = errors.New("malformed SKU")
	// ErrUnknownSKU says that the catalogue holds no such SKU.
	ErrUnknownSKU = errors.New("no such SKU")
)

// SKU names one print in one size, like "TIDE-03-M": the series, the print's place in
// it, and the size. Only ParseSKU makes one.
type SKU struct{ code string }

var skuPattern = regexp.MustCompile(`^[A-Z]{2,12}-[0-9]{2}-[SML]$`)

// ParseSKU reads a SKU, or fails with ErrMalformedSKU. It does not ask whether the
// catalogue holds it.
func ParseSKU(code string) (SKU, error) {
	if !skuPattern.MatchString(code) {
		return SKU{}, fmt.Errorf("%w: %q", ErrMalformedSKU, code)
	}
	return SKU{code}, nil
}

func (s SKU) String() string { return s.code }
