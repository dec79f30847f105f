// Package store keeps orders in the shop's database. Start with orders.go, the
// repository; views.go answers queries from the same rows.
package store

import (
	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/platform/database"
	"tirage/internal/platform/money"
)

type orderRow struct {
	ID              order.ID
	Version         int
	TokenHash       string
	Status          order.Status
	Reason          order.Reason
	Tracking        string
	CustomerName    string
	CustomerEmail   string
	CustomerAddress string
	TotalMinor      int64
	Currency        string
	CardToken       string
	PlacedAt        database.Time
	PayBy           database.Time
}

func (orderRow) TableName() string { return "orders" }

type lineRow struct {
	OrderID    order.ID
	Position   int
	SKU        string
	Title      string
	Size       string
	Quantity   int
	PriceMinor int64
}

func (lineRow) TableName() string { return "order_lines" }

type paymentRow struct {
	ID        order.PaymentID
	OrderID   order.ID
	Attempt   int
	Status    order.PaymentStatus
	CardToken string
	Since     database.Time
}

func (paymentRow) TableName() string { return "payments" }

func orderRowOf(s domain.Snapshot) orderRow {
	return orderRow{
		ID:              s.ID,
		Version:         s.Version,
		TokenHash:       s.TokenHash,
		Status:          s.Status,
		Reason:          s.Reason,
		Tracking:        s.Tracking,
		CustomerName:    s.Customer.Name,
		CustomerEmail:   s.Customer.Email,
		CustomerAddress: s.Customer.Address,
		TotalMinor:      s.Total.Minor,
		Currency:        s.Total.Currency,
		CardToken:       s.CardToken,
		PlacedAt:        database.At(s.PlacedAt),
		PayBy:           database.At(s.PayBy),
	}
}

func lineRowsOf(s domain.Snapshot) []lineRow {
	rows := make([]lineRow, len(s.Lines))
	for i, l := range s.Lines {
		rows[i] = lineRow{
			OrderID: s.ID, Position: i + 1,
			SKU: l.SKU, Title: l.Title, Size: l.Size, Quantity: l.Quantity, PriceMinor: l.Price.Minor,
		}
	}
	return rows
}

func paymentRowsOf(s domain.Snapshot) []paymentRow {
	rows := make([]paymentRow, len(s.Payments))
	for i, p := range s.Payments {
		rows[i] = paymentRow{
			ID: p.ID, OrderID: s.ID, Attempt: i + 1, Status: p.Status, CardToken: p.CardToken, Since: database.At(p.Since),
		}
	}
	return rows
}

func snapshotOf(o orderRow, lines []lineRow, payments []paymentRow) domain.Snapshot {
	s := domain.Snapshot{
		ID:        o.ID,
		Version:   o.Version,
		TokenHash: o.TokenHash,
		Status:    o.Status,
		Reason:    o.Reason,
		Tracking:  o.Tracking,
		Customer:  order.Customer{Name: o.CustomerName, Email: o.CustomerEmail, Address: o.CustomerAddress},
		Total:     money.Amount{Minor: o.TotalMinor, Currency: o.Currency},
		CardToken: o.CardToken,
		PlacedAt:  o.PlacedAt.Time,
		PayBy:     o.PayBy.Time,
	}
	for _, l := range lines {
		s.Lines = append(s.Lines, order.Line{
			SKU: l.SKU, Title: l.Title, Size: l.Size, Quantity: l.Quantity,
			Price: money.Amount{Minor: l.PriceMinor, Currency: o.Currency},
		})
	}
	for _, p := range payments {
		s.Payments = append(s.Payments, domain.PaymentSnapshot{
			ID: p.ID, Status: p.Status, CardToken: p.CardToken, Since: p.Since.Time,
		})
	}
	return s
}
