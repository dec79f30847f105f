package api

import (
	"context"

	"tirage/internal/order/application/command"
)

func (o operations) cancelOrder(ctx context.Context, r *byToken) (*struct{}, error) {
	view, err := o.find(ctx, r.Token)
	if err != nil {
		return nil, Problems.Of(err)
	}
	return nil, Problems.Of(o.execute(ctx, view.ID, command.CancelOrder{ID: view.ID}))
}

func (o operations) cancelOrderByStaff(ctx context.Context, r *byID) (*struct{}, error) {
	id, err := parseID(r.ID)
	if err != nil {
		return nil, Problems.Of(err)
	}
	return nil, Problems.Of(o.execute(ctx, id, command.CancelOrderByStaff{ID: id}))
}
