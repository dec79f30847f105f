// Package api is the JSON API of orders, under /api/v1. Start with Register; each
// operation has a file of its own.
package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"tirage/internal/order"
	"tirage/internal/order/application/query"
	"tirage/internal/order/domain"
	"tirage/internal/platform/bus"
	"tirage/internal/platform/event"
	"tirage/internal/platform/web"
)

// Problems says which error of an order means which HTTP status.
var Problems = web.Problems{
	order.ErrNotFound:             http.StatusNotFound,
	domain.ErrNoKey:               http.StatusBadRequest,
	domain.ErrKeyReused:           http.StatusUnprocessableEntity,
	domain.ErrInvalidName:         http.StatusUnprocessableEntity,
	domain.ErrInvalidEmail:        http.StatusUnprocessableEntity,
	domain.ErrInvalidAddress:      http.StatusUnprocessableEntity,
	domain.ErrInvalidQuantity:     http.StatusUnprocessableEntity,
	domain.ErrInvalidLines:        http.StatusUnprocessableEntity,
	domain.ErrInvalidCard:         http.StatusUnprocessableEntity,
	domain.ErrUnknownSKU:          http.StatusUnprocessableEntity,
	domain.ErrInvalidTracking:     http.StatusUnprocessableEntity,
	domain.ErrOrderExists:         http.StatusConflict,
	domain.ErrOrderCancelled:      http.StatusConflict,
	domain.ErrNotReserved:         http.StatusConflict,
	domain.ErrAlreadyPaid:         http.StatusConflict,
	domain.ErrPaymentUnderWay:     http.StatusConflict,
	domain.ErrPaymentWindowClosed: http.StatusConflict,
	domain.ErrNotShippable:        http.StatusConflict,
	domain.ErrAlreadyShipped:      http.StatusConflict,
	domain.ErrNotRefundable:       http.StatusConflict,
}

// tokenizer turns a card number into the payment provider's token, or fails with
// domain.ErrInvalidCard. The number goes no further than that.
type tokenizer interface {
	Tokenize(number string) (domain.CardToken, error)
}

type operations struct {
	commands *bus.Commands
	queries  *bus.Queries
	cards    tokenizer
	secret   domain.Secret
}

// Register adds the operations on orders to api, whose tokens are made with secret. Those
// under /api/v1/staff must be guarded by whoever serves it.
func Register(api huma.API, commands *bus.Commands, queries *bus.Queries, cards tokenizer, secret domain.Secret) {
	o := operations{commands: commands, queries: queries, cards: cards, secret: secret}
	huma.Register(api, huma.Operation{
		OperationID:   "create-order",
		Method:        http.MethodPost,
		Path:          "/api/v1/orders",
		Summary:       "Place an order",
		Description:   "Answers at once; stock, payment and edition numbers follow. Ask the status URL how it went.",
		Tags:          []string{"Orders"},
		DefaultStatus: http.StatusCreated,
		Errors:        []int{http.StatusBadRequest, http.StatusUnprocessableEntity},
	}, o.createOrder)
	requireKey(api)
	huma.Register(api, huma.Operation{
		OperationID: "get-order",
		Method:      http.MethodGet,
		Path:        "/api/v1/orders/{token}",
		Summary:     "See how an order stands",
		Tags:        []string{"Orders"},
		Errors:      []int{http.StatusNotFound},
	}, o.getOrder)
	huma.Register(api, huma.Operation{
		OperationID:   "pay-order",
		Method:        http.MethodPost,
		Path:          "/api/v1/orders/{token}/payments",
		Summary:       "Pay an order with another card after one was declined, or got stuck",
		Tags:          []string{"Orders"},
		DefaultStatus: http.StatusAccepted,
		Errors:        []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, o.payOrder)
	huma.Register(api, huma.Operation{
		OperationID:   "cancel-order",
		Method:        http.MethodPost,
		Path:          "/api/v1/orders/{token}/cancellation",
		Summary:       "Cancel an order that is not paid",
		Tags:          []string{"Orders"},
		DefaultStatus: http.StatusNoContent,
		Errors:        []int{http.StatusNotFound, http.StatusConflict},
	}, o.cancelOrder)
	o.registerStaff(api)
}

func (o operations) registerStaff(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID:   "cancel-order-by-staff",
		Method:        http.MethodPost,
		Path:          "/api/v1/staff/orders/{id}/cancellation",
		Summary:       "Cancel an order that is not paid",
		Description:   "A payment under way is voided, or its money goes back. An order that is paid is refunded instead.",
		Tags:          []string{"Staff"},
		DefaultStatus: http.StatusNoContent,
		Errors:        []int{http.StatusNotFound, http.StatusConflict},
	}, o.cancelOrderByStaff)
	huma.Register(api, huma.Operation{
		OperationID:   "ship-order",
		Method:        http.MethodPost,
		Path:          "/api/v1/staff/orders/{id}/shipment",
		Summary:       "Send a sold order on its way",
		Tags:          []string{"Staff"},
		DefaultStatus: http.StatusNoContent,
		Errors:        []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, o.shipOrder)
	huma.Register(api, huma.Operation{
		OperationID:   "refund-order",
		Method:        http.MethodPost,
		Path:          "/api/v1/staff/orders/{id}/refund",
		Summary:       "Give the money of a sold order back",
		Description:   "Its copies are for sale again with the refund. An order that was shipped is refunded when its parcel came back.",
		Tags:          []string{"Staff"},
		DefaultStatus: http.StatusAccepted,
		Errors:        []int{http.StatusNotFound, http.StatusConflict},
	}, o.refundOrder)
}

// byToken is the request for an operation on the order whose token the caller holds. What
// cannot be a token opens no order, so its shape is not described, and not checked.
type byToken struct {
	Token string `path:"token" doc:"The order's secret token"`
}

func (o operations) find(ctx context.Context, token string) (order.View, error) {
	return bus.Ask[order.View](ctx, o.queries, query.FindByToken{Token: domain.Token(token)})
}

// parseID reads an order's id, or fails with order.ErrNotFound: what is no id has no order.
func parseID(text string) (order.ID, error) {
	if _, err := uuid.Parse(text); err != nil {
		return "", order.ErrNotFound
	}
	return order.ID(text), nil
}

// execute runs a command on an order. All that follows from an order is correlated by
// the order's id, so that its whole story can be told.
func (o operations) execute(ctx context.Context, id order.ID, command any) error {
	ctx = event.WithTrail(ctx, event.Trail{CorrelationID: string(id), CausationID: web.RequestID(ctx)})
	return o.commands.Execute(ctx, command)
}
