package api

import (
	"context"

	"tirage/internal/order"
	"tirage/internal/platform/bus"
	"tirage/internal/stock"
)

// OrderStatus is an order with the numbers of its copies.
type OrderStatus struct {
	order.View
	Editions []stock.Edition `json:"editions" doc:"Empty until the order is confirmed"`
}

type getOrderResponse struct {
	CacheControl string `header:"Cache-Control"`
	Body         OrderStatus
}

func (o operations) getOrder(ctx context.Context, r *byToken) (*getOrderResponse, error) {
	view, err := o.find(ctx, r.Token)
	if err != nil {
		return nil, Problems.Of(err)
	}
	editions, err := bus.Ask[[]stock.Edition](ctx, o.queries, stock.GetEditions{OrderID: string(view.ID)})
	if err != nil {
		return nil, Problems.Of(err)
	}
	if editions == nil {
		editions = []stock.Edition{}
	}
	return &getOrderResponse{
		CacheControl: "no-store", // it holds an address
		Body:         OrderStatus{View: view, Editions: editions},
	}, nil
}
