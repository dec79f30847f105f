package domain

import "tirage/internal/platform/event"

// Snapshot is a reservation as it is stored.
type Snapshot struct {
	OrderID string
	State   State
	Version int
	Short   string // the SKU that was short; empty unless Rejected
	Lines   []Line // by SKU; what is held, or was; none when nothing ever was
}

// FromSnapshot returns the reservation that was stored as s.
func FromSnapshot(s Snapshot) *Reservation {
	return &Reservation{
		Recorder: event.Recall("stock.Reservation", s.OrderID, s.Version),
		orderID:  s.OrderID,
		state:    s.State,
		short:    SKU{s.Short},
		lines:    s.Lines,
	}
}

// Snapshot returns the reservation as it is to be stored.
func (r *Reservation) Snapshot() Snapshot {
	return Snapshot{
		OrderID: r.orderID,
		State:   r.state,
		Version: r.Version(),
		Short:   r.short.code,
		Lines:   r.lines,
	}
}

// ItemSnapshot is an item as it is stored.
type ItemSnapshot struct {
	SKU      SKU
	Version  int
	Edition  int
	Levels   Levels
	Restocks []Restock // needed for Restock, not for Moved
}

// ItemFromSnapshot returns the item that was stored as s.
func ItemFromSnapshot(s ItemSnapshot) *Item {
	return &Item{
		Recorder: event.Recall("stock.Item", s.SKU.code, s.Version),
		sku:      s.SKU,
		edition:  s.Edition,
		levels:   s.Levels,
		restocks: s.Restocks,
	}
}

// Snapshot returns the item as it is to be stored.
func (i *Item) Snapshot() ItemSnapshot {
	return ItemSnapshot{SKU: i.sku, Version: i.Version(), Edition: i.edition, Levels: i.levels, Restocks: i.restocks}
}
