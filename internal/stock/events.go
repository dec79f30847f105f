package stock

import "tirage/internal/platform/event"

// StockReserved says that every copy an order asked for is held for it.
type StockReserved struct {
	OrderID string `json:"order_id"`
}

// StockRejected says that an order asked for more than there is, so nothing is held.
type StockRejected struct {
	OrderID string `json:"order_id"`
	SKU     string `json:"sku"` // the first size that was short
}

// StockReleased says that an order holds nothing and never will: what it held, if
// anything, is for sale again.
type StockReleased struct {
	OrderID string `json:"order_id"`
}

// EditionsNumbered says that every copy of a paid order has its number.
type EditionsNumbered struct {
	OrderID string `json:"order_id"`
}

// EditionsReturned says that a refunded order's copies, and numbers, came back.
type EditionsReturned struct {
	OrderID string `json:"order_id"`
}

// StockRanLow says that few copies of a SKU are left for sale, and more were until then:
// at most a tenth of the edition.
type StockRanLow struct {
	SKU        string `json:"sku"`
	ShortageID string `json:"shortage_id"` // tells this time from the next
	Available  int    `json:"available"`   // right after it
}

// StockReplenished says that a SKU was sold out and can be had again, or that copies were
// added to it.
type StockReplenished struct {
	SKU             string `json:"sku"`
	ReplenishmentID string `json:"replenishment_id"` // tells this time from the next
	Available       int    `json:"available"`        // right after it
}

// EventType implements event.Fact.
func (StockReserved) EventType() event.Type { return v1("StockReserved") }

// EventType implements event.Fact.
func (StockRejected) EventType() event.Type { return v1("StockRejected") }

// EventType implements event.Fact.
func (StockReleased) EventType() event.Type { return v1("StockReleased") }

// EventType implements event.Fact.
func (EditionsNumbered) EventType() event.Type { return v1("EditionsNumbered") }

// EventType implements event.Fact.
func (EditionsReturned) EventType() event.Type { return v1("EditionsReturned") }

// EventType implements event.Fact.
func (StockRanLow) EventType() event.Type { return v1("StockRanLow") }

// EventType implements event.Fact.
func (StockReplenished) EventType() event.Type { return v1("StockReplenished") }

func v1(name string) event.Type { return event.Type{Name: "stock." + name, Version: 1} }

// Events lists every event this context publishes.
func Events() []event.Fact {
	return []event.Fact{
		StockReserved{}, StockRejected{}, StockReleased{}, EditionsNumbered{}, EditionsReturned{},
		StockRanLow{}, StockReplenished{},
	}
}
