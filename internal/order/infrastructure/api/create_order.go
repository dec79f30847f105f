package api

import (
	"context"

	"tirage/internal/order"
	"tirage/internal/order/application/command"
	"tirage/internal/order/domain"
)

// OrderRequest is the body of create-order. The schema turns away what is plainly wrong;
// the domain has the last word.
type OrderRequest struct {
	Customer CustomerRequest    `json:"customer"`
	Lines    []OrderLineRequest `json:"lines" minItems:"1" maxItems:"20"`
	Card     string             `json:"card" doc:"Card number; see /api/v1/payment/cards" example:"4242 4242 4242 4242"`
}

// CustomerRequest is who orders, and where the prints go.
type CustomerRequest struct {
	Name    string `json:"name" minLength:"1" maxLength:"100" example:"Ada Lovelace"`
	Email   string `json:"email" minLength:"3" maxLength:"254" example:"ada@example.com"`
	Address string `json:"address" minLength:"1" maxLength:"500" doc:"Postal address, in lines" example:"12 St James's Square\nLondon"`
}

// OrderLineRequest is one print in one size. A SKU may be on one line only.
type OrderLineRequest struct {
	SKU      string `json:"sku" minLength:"1" maxLength:"64" example:"TIDE-03-M"`
	Quantity int    `json:"quantity" minimum:"1" maximum:"20" example:"1"`
}

type createOrderRequest struct {
	Body OrderRequest
}

// OrderCreated is the answer to create-order.
type OrderCreated struct {
	ID        order.ID `json:"id"`
	Token     string   `json:"token" doc:"The secret that opens this order; it is told only once"`
	StatusURL string   `json:"status_url"`
}

type createOrderResponse struct {
	Location string `header:"Location"`
	Body     OrderCreated
}

func (o operations) createOrder(ctx context.Context, r *createOrderRequest) (*createOrderResponse, error) {
	card, err := o.cards.Tokenize(r.Body.Card)
	if err != nil {
		return nil, Problems.Of(err)
	}
	id, token := order.NewID(), domain.NewToken()
	lines := make([]command.Line, len(r.Body.Lines))
	for i, line := range r.Body.Lines {
		lines[i] = command.Line{SKU: line.SKU, Quantity: line.Quantity}
	}
	err = o.execute(ctx, id, command.CreateOrder{
		ID: id, Token: token, Customer: order.Customer(r.Body.Customer), Lines: lines, Card: card,
	})
	if err != nil {
		return nil, Problems.Of(err)
	}
	statusURL := "/api/v1/orders/" + string(token)
	return &createOrderResponse{
		Location: statusURL,
		Body:     OrderCreated{ID: id, Token: string(token), StatusURL: statusURL},
	}, nil
}
