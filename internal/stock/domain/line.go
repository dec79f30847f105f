package domain

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// ErrQuantity is returned by NewLine for fewer than one copy.
var ErrQuantity = errors.New("quantity must be at least 1")

// Line is how many copies of one SKU an order wants.
type Line struct {
	SKU      SKU
	Quantity int
}

// NewLine returns a line, or fails with ErrMalformedSKU or ErrQuantity.
func NewLine(sku string, quantity int) (Line, error) {
	parsed, err := ParseSKU(sku)
	if err != nil {
		return Line{}, err
	}
	if quantity < 1 {
		return Line{}, fmt.Errorf("%w: %d of %s", ErrQuantity, quantity, sku)
	}
	return Line{SKU: parsed, Quantity: quantity}, nil
}

// Sum makes one line of all lines of a SKU, and sorts them by SKU. Stock is always
// moved in that order, so that two orders for the same prints never wait for each other.
func Sum(lines []Line) []Line {
	sorted := slices.SortedStableFunc(slices.Values(lines), func(a, b Line) int {
		return cmp.Compare(a.SKU.code, b.SKU.code)
	})
	var sum []Line
	for _, line := range sorted {
		if last := len(sum) - 1; last >= 0 && sum[last].SKU == line.SKU {
			sum[last].Quantity += line.Quantity
		} else {
			sum = append(sum, line)
		}
	}
	return sum
}
