package domain

import (
	"tirage/internal/platform/event"
	"tirage/internal/stock"
)

// Levels counts a SKU's copies: those not sold, those of them that an order holds, and
// those sold.
type Levels struct{ OnHand, Reserved, Sold int }

// Available is how many copies are for sale.
func (l Levels) Available() int { return l.OnHand - l.Reserved }

// Item is one SKU and its copies. Reservations move them on the shelf, many at the same
// time, and tell the item afterwards; only a restock goes through the item itself.
type Item struct {
	event.Recorder
	sku      SKU
	edition  int // copies there will ever be
	levels   Levels
	restocks []Restock
}

// low is the number of available copies that is called low: a tenth of the edition, but
// at least one.
func (i *Item) low() int { return max(1, i.edition/10) }

// Moved takes note of the levels after copies were held, put back, or returned. It tells
// when few are left, and when the first is for sale again; what stays low, or stays for
// sale, is no news.
func (i *Item) Moved(now Levels) {
	before, after := i.levels.Available(), now.Available()
	i.levels = now
	if before > i.low() && after <= i.low() {
		i.Record(stock.StockRanLow{SKU: i.sku.code, ShortageID: event.NewID(), Available: after})
	}
	if before == 0 && after > 0 {
		i.replenished()
	}
}

func (i *Item) replenished() {
	i.Record(stock.StockReplenished{SKU: i.sku.code, ReplenishmentID: event.NewID(), Available: i.levels.Available()})
}
