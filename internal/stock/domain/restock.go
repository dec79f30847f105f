package domain

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
)

var (
	// ErrEditionFull says that there would be more copies than the edition has.
	ErrEditionFull = errors.New("the edition has no more copies")
	// ErrInvalidRestock is returned by NewRestock.
	ErrInvalidRestock = errors.New("invalid restock")
	// ErrRestockExists says that another restock of the item has the same id.
	ErrRestockExists = errors.New("the id was used for another restock")
)

// Restock is a delivery of more copies of one SKU. Only NewRestock makes one.
type Restock struct {
	ID       string // chosen by staff, such as the delivery note's number
	Quantity int
	Reason   RestockReason
}

// RestockReason is where copies come from.
type RestockReason string

// The reasons for a restock.
const (
	Printed RestockReason = "printed" // more of the edition was printed
	Found   RestockReason = "found"   // copies were there that nobody had counted
)

var restockPattern = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// NewRestock returns a restock, or fails with ErrInvalidRestock or ErrQuantity.
func NewRestock(id string, quantity int, reason RestockReason) (Restock, error) {
	switch {
	case !restockPattern.MatchString(id):
		return Restock{}, fmt.Errorf("%w: the id must be 1 to 64 letters, digits and dashes", ErrInvalidRestock)
	case reason != Printed && reason != Found:
		return Restock{}, fmt.Errorf("%w: unknown reason %q", ErrInvalidRestock, reason)
	case quantity < 1:
		return Restock{}, fmt.Errorf("%w: %d", ErrQuantity, quantity)
	}
	return Restock{ID: id, Quantity: quantity, Reason: reason}, nil
}

// Restock puts more copies of the edition on hand; with a restock that was put there
// before it does nothing. It fails with ErrEditionFull, or with ErrRestockExists.
func (i *Item) Restock(r Restock) error {
	if known := slices.IndexFunc(i.restocks, func(k Restock) bool { return k.ID == r.ID }); known >= 0 {
		if i.restocks[known] != r {
			return fmt.Errorf("%w: %s", ErrRestockExists, r.ID)
		}
		return nil
	}
	if missing := i.edition - i.levels.OnHand - i.levels.Sold; r.Quantity > missing {
		return fmt.Errorf("%w: %d of %d %s are still to come", ErrEditionFull, missing, i.edition, i.sku)
	}
	i.restocks = append(i.restocks, r)
	i.levels.OnHand += r.Quantity
	i.replenished()
	return nil
}
