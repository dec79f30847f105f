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
