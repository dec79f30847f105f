package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"tirage/internal/order"
	"tirage/internal/order/application/command"
	"tirage/internal/order/application/query"
	"tirage/internal/order/domain"
	"tirage/internal/platform/bus"
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
	Key  string `header:"Idempotency-Key" doc:"Chosen by you for each order, such as a UUID; sent again with the same body, it leads to the same order and the same answer" example:"2b8f9a64-6d0c-4b6e-9a6e-1f3f5c1c9f6e"`
	Body OrderRequest
}

// requireKey describes the key as required. The tag "required" would do so too, but make
// the lack of it a 422, as of a body that is wrong; it is a 400.
func requireKey(api huma.API) {
	for _, p := range api.OpenAPI().Paths["/api/v1/orders"].Post.Parameters {
		p.Required = p.Required || p.Name == "Idempotency-Key"
	}
}

// OrderCreated is the answer to create-order.
type OrderCreated struct {
	ID        order.ID `json:"id"`
	Token     string   `json:"token" doc:"The secret that opens this order"`
	StatusURL string   `json:"status_url"`
}

type createOrderResponse struct {
	Location string `header:"Location"`
	Body     OrderCreated
}

func (o operations) createOrder(ctx context.Context, r *createOrderRequest) (*createOrderResponse, error) {
	request, err := o.request(r)
	if err != nil {
		return nil, Problems.Of(err)
	}
	id := order.NewID()
	err = o.place(ctx, id, request, r.Body)
	if errors.Is(err, domain.ErrRepeated) {
		id, err = bus.Ask[order.ID](ctx, o.queries, query.FindRepeated{Request: request})
	}
	if err != nil {
		return nil, Problems.Of(err)
	}
	token := string(o.secret.Token(id))
	statusURL := "/api/v1/orders/" + token
	return &createOrderResponse{
		Location: statusURL,
		Body:     OrderCreated{ID: id, Token: token, StatusURL: statusURL},
	}, nil
}

// request is how the shop recognises r when it comes again. Written anew, a body is the
// same whatever its spaces and the order of its fields.
func (o operations) request(r *createOrderRequest) (domain.Request, error) {
	content, err := json.Marshal(r.Body)
	if err != nil {
		return domain.Request{}, fmt.Errorf("write the request anew: %w", err)
	}
	return domain.NewRequest(r.Key, content, o.secret)
}

func (o operations) place(ctx context.Context, id order.ID, request domain.Request, r OrderRequest) error {
	card, err := o.cards.Tokenize(r.Card)
	if err != nil {
		return err
	}
	lines := make([]command.Line, len(r.Lines))
	for i, line := range r.Lines {
		lines[i] = command.Line{SKU: line.SKU, Quantity: line.Quantity}
	}
	return o.execute(ctx, id, command.CreateOrder{
		Request: request, ID: id, Token: o.secret.Token(id),
		Customer: order.Customer(r.Customer), Lines: lines, Card: card,
	})
}
