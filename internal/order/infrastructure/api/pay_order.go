package api

import (
	"context"

	"tirage/internal/order"
	"tirage/internal/order/application/command"
)

type payOrderRequest struct {
	Token string `path:"token" doc:"The order's secret token"`
	Body  struct {
		Card string `json:"card" doc:"Card number; see /api/v1/payment/cards" example:"4242 4242 4242 4242"`
	}
}

type payOrderResponse struct {
	Body struct {
		PaymentID order.PaymentID `json:"payment_id"`
	}
}

func (o operations) payOrder(ctx context.Context, r *payOrderRequest) (*payOrderResponse, error) {
	view, err := o.find(ctx, r.Token)
	if err != nil {
		return nil, Problems.Of(err)
	}
	card, err := o.cards.Tokenize(r.Body.Card)
	if err != nil {
		return nil, Problems.Of(err)
	}
	payment := order.NewPaymentID()
	if err := o.execute(ctx, view.ID, command.PayOrder{ID: view.ID, PaymentID: payment, Card: card}); err != nil {
		return nil, Problems.Of(err)
	}
	response := &payOrderResponse{}
	response.Body.PaymentID = payment
	return response, nil
}
