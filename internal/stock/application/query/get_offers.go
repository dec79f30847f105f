package query

import (
	"context"

	"tirage/internal/stock"
)

// Offers is where GetOffers finds its answer.
type Offers interface {
	Offers(ctx context.Context, skus []string) ([]stock.Offer, error)
}

// GetOffersHandler answers stock.GetOffers.
type GetOffersHandler struct{ offers Offers }

// NewGetOffersHandler returns the handler over offers.
func NewGetOffersHandler(offers Offers) GetOffersHandler { return GetOffersHandler{offers: offers} }

// Handle lists the offers of the SKUs that exist, in the order of the question.
func (h GetOffersHandler) Handle(ctx context.Context, q stock.GetOffers) ([]stock.Offer, error) {
	return h.offers.Offers(ctx, q.SKUs)
}
