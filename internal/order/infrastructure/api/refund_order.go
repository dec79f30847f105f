package api

import (
	"context"

	"tirage/internal/order/application/command"
)

// byID is staff's request for an operation on an order.
type byID struct {
	ID string `path:"id" doc:"The order's id"`
}

func (o operations) refundOrder(ctx context.Context, r *byID) (*struct{}, error) {
	id, err := parseID(r.ID)
	if err != nil {
		return nil, Problems.Of(err)
	}
	return nil, Problems.Of(o.execute(ctx, id, command.RefundOrder{ID: id}))
}
