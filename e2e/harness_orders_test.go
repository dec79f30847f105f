package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// placed is an order as the shop answered it.
type placed struct {
	ID        string `json:"id"`
	Token     string `json:"token"`
	StatusURL string `json:"status_url"`

	requestID string // of the request that placed it
}

// orderView is an order as its customer sees it.
type orderView struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Reason   string `json:"reason"`
	Customer struct {
		Name, Email, Address string
	} `json:"customer"`
	Lines []struct {
		SKU      string
		Quantity int
		Price    amount
	} `json:"lines"`
	Total    amount    `json:"total"`
	PayBy    time.Time `json:"pay_by"`
	Payments []struct {
		ID     string
		Status string
	} `json:"payments"`
	Editions []edition `json:"editions"`
}

type amount struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

type edition struct {
	SKU         string `json:"sku"`
	Number      int    `json:"number"`
	EditionSize int    `json:"edition_size"`
}

// orderBody is a request for one line, which a test may change before it sends it.
func orderBody(sku string, quantity any, card string) map[string]any {
	return map[string]any{
		"customer": map[string]any{"name": "Ada Lovelace", "email": "ada@example.com", "address": "12 St James's Square\nLondon"},
		"lines":    []map[string]any{{"sku": sku, "quantity": quantity}},
		"card":     card,
	}
}

// tryPlace sends the request for an order; it may be called from any goroutine.
func (s *shop) tryPlace(body any) (placed, error) {
	a, err := s.try(http.MethodPost, "/api/v1/orders", body)
	if err != nil {
		return placed{}, err
	}
	if a.status != http.StatusCreated {
		return placed{}, fmt.Errorf("the shop answers %s", a)
	}
	p := placed{requestID: a.requestID}
	return p, a.into(&p)
}

// place sends the request for an order.
func (s *shop) place(body any) placed {
	s.t.Helper()
	p, err := s.tryPlace(body)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// order places an order of one line.
func (s *shop) order(sku string, quantity int, card string) placed {
	s.t.Helper()
	return s.place(orderBody(sku, quantity, card))
}

// pay pays an order with another card.
func (s *shop) pay(p placed, card string) answer {
	s.t.Helper()
	return s.request(http.MethodPost, "/api/v1/orders/"+p.Token+"/payments", map[string]any{"card": card}, http.StatusAccepted)
}

// view asks how an order stands.
func (s *shop) view(p placed) (v orderView) {
	s.t.Helper()
	s.read("/api/v1/orders/"+p.Token, &v)
	return v
}

// awaitOrder waits until want returns nil for an order, and returns it as it then is. An
// answer that cannot be had, for the shop may be down, is waited for too.
func (s *shop) awaitOrder(p placed, want func(orderView) error) (v orderView) {
	s.t.Helper()
	await(s.t, "order "+p.ID, func() error {
		a, err := s.try(http.MethodGet, "/api/v1/orders/"+p.Token, nil)
		if err != nil {
			return err
		}
		if a.status != http.StatusOK {
			return errors.New(a.String())
		}
		v = orderView{}
		return errors.Join(a.into(&v), want(v))
	})
	return v
}

// decided is for awaitOrder: the order is confirmed or cancelled.
func decided(v orderView) error {
	if v.Status != "confirmed" && v.Status != "cancelled" {
		return fmt.Errorf("it is %s", v.Status)
	}
	return nil
}

// awaitStatus waits until an order is in a state: placed, reserved, paid, confirmed,
// cancelled or refunded.
func (s *shop) awaitStatus(p placed, status string) orderView {
	s.t.Helper()
	return s.awaitOrder(p, func(v orderView) error {
		if v.Status != status {
			return fmt.Errorf("it is %s %s, not %s", v.Status, v.Reason, status)
		}
		return nil
	})
}

// awaitDeclined waits until the latest payment of an order was declined.
func (s *shop) awaitDeclined(p placed) orderView {
	s.t.Helper()
	return s.awaitOrder(p, func(v orderView) error {
		if n := len(v.Payments); n == 0 || v.Payments[n-1].Status != "declined" {
			return fmt.Errorf("no payment is declined: %+v", v.Payments)
		}
		return nil
	})
}

// offer is a print in one size, as it is sold now.
type offer struct {
	EditionSize int    `json:"edition_size"`
	Available   int    `json:"available"`
	Price       amount `json:"price"`
}

func (s *shop) offer(sku string) (o offer) {
	s.t.Helper()
	s.read("/api/v1/skus/"+sku, &o)
	return o
}
