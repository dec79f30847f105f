// Package query answers what others ask the stock context. The questions are declared
// in the root package; each file here answers one.
package query

import (
	"context"

	"tirage/internal/stock"
)

// Prints is where BrowsePrints finds its answer.
type Prints interface {
	Prints(ctx context.Context) ([]stock.Print, error)
}

// BrowsePrintsHandler answers stock.BrowsePrints.
type BrowsePrintsHandler struct{ prints Prints }

// NewBrowsePrintsHandler returns the handler over prints.
func NewBrowsePrintsHandler(prints Prints) BrowsePrintsHandler {
	return BrowsePrintsHandler{prints: prints}
}

// Handle lists the whole catalogue.
func (h BrowsePrintsHandler) Handle(ctx context.Context, _ stock.BrowsePrints) ([]stock.Print, error) {
	return h.prints.Prints(ctx)
}
