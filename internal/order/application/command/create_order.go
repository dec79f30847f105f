// Package command holds what may be asked of an order, one use case a file. Each runs
// in one unit of work. Start with create_order.go.
package command

import (
	"context"
	"fmt"
	"time"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/platform/bus"
	"tirage/internal/stock"
)

// CreateOrder places an order, once for each request. Whether stock can be had is decided
// after it.
type CreateOrder struct {
	Request  domain.Request
	ID       order.ID
	Token    domain.Token
	Customer order.Customer
	Lines    []Line
	Card     domain.CardToken
}

// Line is how many copies of a print in one size are wanted.
type Line struct {
	SKU      string
	Quantity int
}

// requests remembers which request led to which order.
type requests interface {
	// Remember fails with domain.ErrRepeated when a request of the same key was taken.
	Remember(ctx context.Context, r domain.Request, id order.ID) error
}

// CreateOrderHandler handles CreateOrder.
type CreateOrderHandler struct {
	orders   domain.Orders
	requests requests
	queries  *bus.Queries
	window   time.Duration
}

// NewCreateOrderHandler returns a handler whose orders must be paid within window.
func NewCreateOrderHandler(orders domain.Orders, requests requests, queries *bus.Queries, window time.Duration) *CreateOrderHandler {
	return &CreateOrderHandler{orders: orders, requests: requests, queries: queries, window: window}
}

// Handle fails with domain.ErrRepeated when the request was taken before (the query
// FindRepeated tells what came of it), with the domain's errors for what a customer typed,
// with domain.ErrUnknownSKU, or with domain.ErrOrderExists.
func (h *CreateOrderHandler) Handle(ctx context.Context, c CreateOrder) error {
	if err := h.place(ctx, c); err != nil {
		return fmt.Errorf("create order: %w", err)
	}
	return nil
}

func (h *CreateOrderHandler) place(ctx context.Context, c CreateOrder) error {
	// First of all: of two requests with one key, the second waits here for the first.
	if err := h.requests.Remember(ctx, c.Request, c.ID); err != nil {
		return err
	}
	customer, err := domain.NewCustomer(c.Customer.Name, c.Customer.Email, c.Customer.Address)
	if err != nil {
		return err
	}
	lines, err := h.price(ctx, c.Lines)
	if err != nil {
		return err
	}
	o, err := domain.Place(domain.Checkout{
		ID: c.ID, Token: c.Token, Customer: customer, Lines: lines, Card: c.Card,
	}, time.Now(), h.window)
	if err != nil {
		return err
	}
	return h.orders.Add(ctx, o)
}

// price asks stock what the wanted prints are and cost, whatever the customer was shown.
func (h *CreateOrderHandler) price(ctx context.Context, wanted []Line) ([]domain.Line, error) {
	skus := make([]string, len(wanted))
	for i, w := range wanted {
		skus[i] = w.SKU
	}
	offers, err := bus.Ask[[]stock.Offer](ctx, h.queries, stock.GetOffers{SKUs: skus})
	if err != nil {
		return nil, fmt.Errorf("ask for prices: %w", err)
	}
	offered := make(map[string]stock.Offer, len(offers))
	for _, offer := range offers {
		offered[offer.SKU] = offer
	}
	lines := make([]domain.Line, len(wanted))
	for i, w := range wanted {
		offer, ok := offered[w.SKU]
		if !ok {
			return nil, fmt.Errorf("%w: %q", domain.ErrUnknownSKU, w.SKU)
		}
		quantity, err := domain.NewQuantity(w.Quantity)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.SKU, err)
		}
		lines[i] = domain.NewLine(offer.SKU, offer.Title, offer.Size, quantity, offer.Price)
	}
	return lines, nil
}
