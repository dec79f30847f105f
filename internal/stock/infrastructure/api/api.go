// Package api is the stock context's JSON API: what there is to buy, and how staff add to
// it.
package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/web"
	"tirage/internal/stock"
	"tirage/internal/stock/domain"
)

// Problems says which error of this context is which HTTP status.
var Problems = web.Problems{
	domain.ErrUnknownSKU:     http.StatusNotFound,
	domain.ErrInvalidRestock: http.StatusUnprocessableEntity,
	domain.ErrQuantity:       http.StatusUnprocessableEntity,
	domain.ErrEditionFull:    http.StatusUnprocessableEntity,
	domain.ErrRestockExists:  http.StatusConflict,
}

// Register adds the operations to api. Those under /api/v1/staff must be guarded by
// whoever serves it.
func Register(api huma.API, commands *bus.Commands, queries *bus.Queries) {
	tags := []string{"Catalogue"}
	huma.Register(api, huma.Operation{
		OperationID: "browse-prints",
		Method:      http.MethodGet,
		Path:        "/api/v1/prints",
		Summary:     "List all prints and the sizes they are sold in",
		Tags:        tags,
	}, browsePrints(queries))
	huma.Register(api, huma.Operation{
		OperationID: "show-offer",
		Method:      http.MethodGet,
		Path:        "/api/v1/skus/{sku}",
		Summary:     "Show one print in one size",
		Tags:        tags,
		Errors:      []int{http.StatusNotFound},
	}, showOffer(queries))
	huma.Register(api, huma.Operation{
		OperationID:   "restock",
		Method:        http.MethodPut,
		Path:          "/api/v1/staff/skus/{sku}/restocks/{id}",
		Summary:       "Add copies of an edition, within its size",
		Description:   "Sent again, it adds no more: the id stands for one delivery.",
		Tags:          []string{"Staff"},
		DefaultStatus: http.StatusNoContent,
		Errors:        []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, restock(commands))
}

type printsOutput struct {
	Body struct {
		Prints []stock.Print `json:"prints"`
	}
}

func browsePrints(queries *bus.Queries) func(context.Context, *struct{}) (*printsOutput, error) {
	return func(ctx context.Context, _ *struct{}) (*printsOutput, error) {
		prints, err := bus.Ask[[]stock.Print](ctx, queries, stock.BrowsePrints{})
		if err != nil {
			return nil, Problems.Of(err)
		}
		out := &printsOutput{}
		out.Body.Prints = prints
		return out, nil
	}
}

type offerInput struct {
	SKU string `path:"sku" example:"TIDE-03-M"`
}

type offerOutput struct{ Body stock.Offer }

func showOffer(queries *bus.Queries) func(context.Context, *offerInput) (*offerOutput, error) {
	return func(ctx context.Context, in *offerInput) (*offerOutput, error) {
		offers, err := bus.Ask[[]stock.Offer](ctx, queries, stock.GetOffers{SKUs: []string{in.SKU}})
		if err != nil {
			return nil, Problems.Of(err)
		}
		if len(offers) == 0 {
			return nil, Problems.Of(fmt.Errorf("%w: %s", domain.ErrUnknownSKU, in.SKU))
		}
		return &offerOutput{Body: offers[0]}, nil
	}
}
