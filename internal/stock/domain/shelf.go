package domain

import "context"

// Reservations is the repository of reservations, and the way to the shelf.
type Reservations interface {
	// Update loads the reservation of an order (a New one when the order has none),
	// runs change, and stores what it recorded, together with what it moved on the
	// shelf. Changes of one order run one after the other, those of several orders side
	// by side. It must run in a unit of work.
	Update(ctx context.Context, orderID string, change func(*Reservation, Shelf) error) error
}

// Shelf is where the copies are. A reservation moves them; what it moved stands or
// falls with it. Moves of one SKU happen one after the other, so whoever moves several
// must do so in the order of Sum.
type Shelf interface {
	// Hold takes the line's copies off sale, all or none; it answers false when there
	// are fewer for sale, or the SKU is unknown.
	Hold(line Line) (bool, error)
	// PutBack offers held copies for sale again.
	PutBack(line Line) error
	// Number turns held copies into sold ones and gives each a number, whose owner is
	// the order. NextNumbers says which.
	Number(orderID string, line Line) error
	// TakeBack offers the order's sold copies for sale again; their numbers lose their
	// owner.
	TakeBack(orderID string, line Line) error
}

// Items is the repository of items.
type Items interface {
	// Update loads an item, runs change on it while nobody else can move its copies, and
	// stores what it recorded. It fails with ErrUnknownSKU, or with the error of change.
	// It must run in a unit of work.
	Update(ctx context.Context, sku SKU, change func(*Item) error) error
}
