package api

import (
	"context"

	"tirage/internal/order/application/command"
)

type shipOrderRequest struct {
	ID   string `path:"id" doc:"The order's id"`
	Body struct {
		Tracking string `json:"tracking" minLength:"4" maxLength:"80" doc:"The carrier's code: letters, digits and dashes" example:"RR 123 456 785 NL"`
	}
}

func (o operations) shipOrder(ctx context.Context, r *shipOrderRequest) (*struct{}, error) {
	id, err := parseID(r.ID)
	if err != nil {
		return nil, Problems.Of(err)
	}
	return nil, Problems.Of(o.execute(ctx, id, command.ShipOrder{ID: id, Tracking: r.Body.Tracking}))
}
