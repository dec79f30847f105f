package domain

import (
	"fmt"

	"tirage/internal/platform/money"
)

// MaxQuantity is how many copies of one print in one size an order may hold.
const MaxQuantity = 20

// Quantity is a number of copies, 1 to MaxQuantity. Only NewQuantity makes one.
type Quantity struct{ copies int }

// NewQuantity returns a quantity, or fails with ErrInvalidQuantity.
func NewQuantity(copies int) (Quantity, error) {
	if copies < 1 || copies > MaxQuantity {
		return Quantity{}, fmt.Errorf("%w: %d is not between 1 and %d", ErrInvalidQuantity, copies, MaxQuantity)
	}
	return Quantity{copies}, nil
}

// Int is the number of copies.
func (q Quantity) Int() int { return q.copies }

// Line is one print of an order in one size, at the price of that day.
type Line struct {
	sku      string
	title    string
	size     string
	quantity Quantity
	price    money.Amount // of one copy
}

// NewLine returns a line of an order. All but the quantity is stock's word.
func NewLine(sku, title, size string, quantity Quantity, price money.Amount) Line {
	return Line{sku: sku, title: title, size: size, quantity: quantity, price: price}
}
