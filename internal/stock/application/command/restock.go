// Package command holds what staff may ask of the stock context, one use case a file.
package command

import (
	"context"
	"fmt"

	"tirage/internal/stock/domain"
)

// Restock puts more copies of an edition on hand, within its size. Sent again with the
// same ID it does nothing.
type Restock struct {
	SKU      string
	ID       string // chosen by staff, such as the delivery note's number
	Quantity int
	Reason   string // domain.Printed or domain.Found
}

// RestockHandler handles Restock.
type RestockHandler struct{ items domain.Items }

// NewRestockHandler returns the handler of Restock.
func NewRestockHandler(items domain.Items) RestockHandler { return RestockHandler{items: items} }

// Handle fails with domain.ErrUnknownSKU, or with the errors of domain.NewRestock and
// Item.Restock.
func (h RestockHandler) Handle(ctx context.Context, c Restock) error {
	sku, err := domain.ParseSKU(c.SKU)
	if err != nil {
		return fmt.Errorf("restock: %w: %w", domain.ErrUnknownSKU, err)
	}
	restock, err := domain.NewRestock(c.ID, c.Quantity, domain.RestockReason(c.Reason))
	if err != nil {
		return fmt.Errorf("restock %s: %w", sku, err)
	}
	err = h.items.Update(ctx, sku, func(i *domain.Item) error { return i.Restock(restock) })
	if err != nil {
		return fmt.Errorf("restock %s: %w", sku, err)
	}
	return nil
}
