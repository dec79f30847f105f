package query

import (
	"context"

	"tirage/internal/stock"
)

// Editions is where GetEditions finds its answer.
type Editions interface {
	Editions(ctx context.Context, orderID string) ([]stock.Edition, error)
}

// GetEditionsHandler answers stock.GetEditions.
type GetEditionsHandler struct{ editions Editions }

// NewGetEditionsHandler returns the handler over editions.
func NewGetEditionsHandler(editions Editions) GetEditionsHandler {
	return GetEditionsHandler{editions: editions}
}

// Handle lists the numbers that the order owns now.
func (h GetEditionsHandler) Handle(ctx context.Context, q stock.GetEditions) ([]stock.Edition, error) {
	return h.editions.Editions(ctx, q.OrderID)
}
