package store

import (
	"fmt"

	"tirage/internal/platform/database"
	"tirage/internal/stock/domain"
)

// skuRow is what is counted of a SKU. Copies are moved where they are, by UPDATE.
type skuRow struct {
	SKU         string `gorm:"column:sku;primaryKey"`
	EditionSize int
	OnHand      int
	Reserved    int
	Sold        int
	Issued      int
	Version     int
}

func (skuRow) TableName() string { return "skus" }

// snapshot leaves the restocks out.
func (r skuRow) snapshot(sku domain.SKU) domain.ItemSnapshot {
	return domain.ItemSnapshot{
		SKU: sku, Version: r.Version, Edition: r.EditionSize,
		Levels: domain.Levels{OnHand: r.OnHand, Reserved: r.Reserved, Sold: r.Sold},
	}
}

type restockRow struct {
	SKU         string `gorm:"column:sku;primaryKey"`
	ID          string `gorm:"primaryKey"`
	Quantity    int
	Reason      string
	RestockedAt database.Time
}

func (restockRow) TableName() string { return "restocks" }

// editionRow is a number that was issued. OrderID is nil once it came back.
type editionRow struct {
	SKU     string `gorm:"column:sku;primaryKey"`
	Number  int    `gorm:"primaryKey;autoIncrement:false"`
	OrderID *string
}

func (editionRow) TableName() string { return "editions" }

type reservationRow struct {
	OrderID  string `gorm:"primaryKey"`
	State    string
	ShortSKU string `gorm:"column:short_sku"`
	Version  int
}

func (reservationRow) TableName() string { return "reservations" }

type lineRow struct {
	OrderID  string `gorm:"primaryKey"`
	SKU      string `gorm:"column:sku;primaryKey"`
	Quantity int
}

func (lineRow) TableName() string { return "reservation_lines" }

func toReservation(row reservationRow, rows []lineRow) (*domain.Reservation, error) {
	lines := make([]domain.Line, len(rows))
	for i, r := range rows {
		line, err := domain.NewLine(r.SKU, r.Quantity)
		if err != nil {
			return nil, fmt.Errorf("stored line of order %s: %w", row.OrderID, err)
		}
		lines[i] = line
	}
	return domain.FromSnapshot(domain.Snapshot{
		OrderID: row.OrderID,
		State:   domain.State(row.State),
		Version: row.Version,
		Short:   row.ShortSKU,
		Lines:   lines,
	}), nil
}

func toRows(s domain.Snapshot) (reservationRow, []lineRow) {
	lines := make([]lineRow, len(s.Lines))
	for i, line := range s.Lines {
		lines[i] = lineRow{OrderID: s.OrderID, SKU: line.SKU.String(), Quantity: line.Quantity}
	}
	row := reservationRow{OrderID: s.OrderID, State: string(s.State), ShortSKU: s.Short, Version: s.Version}
	return row, lines
}
