// Package domain decides what the shop may sell: a limited edition is never sold twice,
// and no number of it is skipped.
//
// Start with Reservation, the life of one order's copies; Shelf is what it moves them
// on, NextNumbers how they are numbered, Item who must hear that few are left.
package domain

import (
	"errors"
	"fmt"

	"tirage/internal/platform/event"
	"tirage/internal/stock"
)

// State is where a reservation stands.
type State string

// The states of a reservation. Those without a way on are final.
const (
	New       State = "new"       // nothing is decided yet; → held, rejected or released
	Held      State = "held"      // copies are off sale; → committed or released
	Rejected  State = "rejected"  // there were too few copies
	Released  State = "released"  // nothing is held, nor ever will be
	Committed State = "committed" // copies are sold and numbered; → returned
	Returned  State = "returned"  // copies and numbers came back
)

// ErrNotReserved is returned by NumberEditions when the order's stock was not asked for
// yet, which is a matter of time.
var ErrNotReserved = errors.New("stock is not reserved yet")

// Reservation is the one claim an order has on stock. Its events reach it in any order
// and more than once, so each method does what is still to be done from the state it
// finds, and otherwise nothing.
type Reservation struct {
	event.Recorder
	orderID string
	state   State
	short   SKU
	lines   []Line // summed, so in the order that the shelf wants
}

// Reserve holds every wanted copy, or none when any SKU is short. After a release it
// holds nothing: the order was cancelled before its stock was asked for.
func (r *Reservation) Reserve(wanted []Line, shelf Shelf) error {
	if r.state != New {
		return nil
	}
	wanted = Sum(wanted)
	for i, line := range wanted {
		enough, err := shelf.Hold(line)
		if err != nil {
			return err
		}
		if !enough {
			return r.reject(line.SKU, wanted[:i], shelf)
		}
	}
	r.state, r.lines = Held, wanted
	r.Record(stock.StockReserved{OrderID: r.orderID})
	return nil
}

func (r *Reservation) reject(short SKU, held []Line, shelf Shelf) error {
	if err := putBack(held, shelf); err != nil {
		return err
	}
	r.state, r.short = Rejected, short
	r.Record(stock.StockRejected{OrderID: r.orderID, SKU: short.String()})
	return nil
}

// Release puts back what is held. Before anything was held it settles that nothing ever
// will be. What is sold already stays sold: the order decides, and a refund returns it.
func (r *Reservation) Release(shelf Shelf) error {
	if r.state != New && r.state != Held {
		return nil
	}
	if err := putBack(r.lines, shelf); err != nil {
		return err
	}
	r.state = Released
	r.Record(stock.StockReleased{OrderID: r.orderID})
	return nil
}

// NumberEditions sells what is held and numbers it. Where nothing is held any more the
// order is cancelled, and its money goes back. It fails with ErrNotReserved on a New
// reservation.
func (r *Reservation) NumberEditions(shelf Shelf) error {
	if r.state == New {
		return fmt.Errorf("number editions of order %s: %w", r.orderID, ErrNotReserved)
	}
	if r.state != Held {
		return nil
	}
	for _, line := range r.lines {
		if err := shelf.Number(r.orderID, line); err != nil {
			return err
		}
	}
	r.state = Committed
	r.Record(stock.EditionsNumbered{OrderID: r.orderID})
	return nil
}

// ReturnEditions takes sold copies and their numbers back. What is not sold yet is
// released instead: a refund ends the order, so the news of its payment, should it come
// later, must find nothing to number.
func (r *Reservation) ReturnEditions(shelf Shelf) error {
	if r.state != Committed {
		return r.Release(shelf)
	}
	for _, line := range r.lines {
		if err := shelf.TakeBack(r.orderID, line); err != nil {
			return err
		}
	}
	r.state = Returned
	r.Record(stock.EditionsReturned{OrderID: r.orderID})
	return nil
}

func putBack(lines []Line, shelf Shelf) error {
	for _, line := range lines {
		if err := shelf.PutBack(line); err != nil {
			return err
		}
	}
	return nil
}
