package api

import (
	"context"

	"tirage/internal/order"
	"tirage/internal/order/application/command"
)

type refundOrderRequest struct {
	ID string `path:"id" maxLength:"64"`
}

func (o operations) refundOrder(ctx context.Context, r *refundOrderRequest) (*struct{}, error) {
	id := order.ID(r.ID)
	return nil, Problems.Of(o.execute(ctx, id, command.RefundOrder{ID: id}))
}
