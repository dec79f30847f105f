package query

import (
	"context"

	"tirage/internal/stock"
	"tirage/internal/stock/domain"
)

// Offers is where GetOffers finds its answer.
type Offers interface {
	Offers(ctx context.Context, skus []string) ([]stock.Offer, error)
}

// GetOffersHandler answers stock.GetOffers.
type GetOffersHandler struct{ offers Offers }

// NewGetOffersHandler returns the handler over offers.
func NewGetOffersHandler(offers Offers) GetOffersHandler { return GetOffersHandler{offers: offers} }

// Handle lists the offers of the SKUs that exist, in the order of the question. What no
// SKU looks like does not exist, and is not worth a question: it may be anything, even
// text that a database refuses to be asked about.
func (h GetOffersHandler) Handle(ctx context.Context, q stock.GetOffers) ([]stock.Offer, error) {
	var skus []string
	for _, code := range q.SKUs {
		if _, err := domain.ParseSKU(code); err == nil {
			skus = append(skus, code)
		}
	}
	return h.offers.Offers(ctx, skus)
}
