package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2/humatest"
	"github.com/google/go-cmp/cmp"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/money"
	"tirage/internal/stock"
	"tirage/internal/stock/application/command"
	"tirage/internal/stock/domain"
	"tirage/internal/stock/infrastructure/api"
)

var offer = stock.Offer{
	SKU: "TIDE-03-M", PrintID: "tide-03", Title: "Undertow", Size: "50 × 70 cm",
	Price: money.EUR(24000), EditionSize: 10, Available: 4,
}

func setup(t *testing.T) (humatest.TestAPI, *bus.Queries) {
	t.Helper()
	server, _, queries := setupBoth(t)
	return server, queries
}

func setupBoth(t *testing.T) (humatest.TestAPI, *bus.Commands, *bus.Queries) {
	t.Helper()
	_, server := humatest.New(t)
	commands, queries := bus.NewCommands(), bus.NewQueries()
	api.Register(server, commands, queries)
	return server, commands, queries
}

func TestBrowsePrints(t *testing.T) {
	t.Parallel()
	server, queries := setup(t)
	want := []stock.Print{{ID: "tide-03", Series: "Tide", About: "Lines.", Title: "Undertow", Sizes: []stock.Offer{offer}}}
	bus.Answer(queries, func(context.Context, stock.BrowsePrints) ([]stock.Print, error) { return want, nil })

	response := server.Get("/api/v1/prints")
	var got struct{ Prints []stock.Print }
	if err := json.Unmarshal(response.Body.Bytes(), &got); err != nil || response.Code != http.StatusOK {
		t.Fatalf("status %d, %v: %s", response.Code, err, response.Body)
	}
	if diff := cmp.Diff(want, got.Prints); diff != "" {
		t.Errorf("prints (-want +got):\n%s", diff)
	}
}

func TestShowOffer(t *testing.T) {
	t.Parallel()
	server, queries := setup(t)
	bus.Answer(queries, func(_ context.Context, q stock.GetOffers) ([]stock.Offer, error) {
		if !slices.Equal(q.SKUs, []string{offer.SKU}) {
			return nil, nil
		}
		return []stock.Offer{offer}, nil
	})

	response := server.Get("/api/v1/skus/TIDE-03-M")
	var got stock.Offer
	if err := json.Unmarshal(response.Body.Bytes(), &got); err != nil || response.Code != http.StatusOK {
		t.Fatalf("status %d, %v: %s", response.Code, err, response.Body)
	}
	if diff := cmp.Diff(offer, got); diff != "" {
		t.Errorf("offer (-want +got):\n%s", diff)
	}

	missing := server.Get("/api/v1/skus/TIDE-99-M")
	if missing.Code != http.StatusNotFound || !strings.Contains(missing.Body.String(), "no such SKU: TIDE-99-M") {
		t.Errorf("status %d: %s", missing.Code, missing.Body)
	}
}

func TestAFailureKeepsItsCauseToItself(t *testing.T) {
	t.Parallel()
	server, queries := setup(t)
	bus.Answer(queries, func(context.Context, stock.BrowsePrints) ([]stock.Print, error) {
		return nil, errors.New("secret")
	})
	response := server.Get("/api/v1/prints")
	if response.Code != http.StatusInternalServerError {
		t.Errorf("status %d: %s", response.Code, response.Body)
	}
}

func TestRestock(t *testing.T) {
	t.Parallel()
	server, commands, _ := setupBoth(t)
	var answer error
	var got command.Restock
	bus.Handle(commands, func(_ context.Context, c command.Restock) error {
		got = c
		return answer
	})
	put := func(body string) int {
		return server.Put("/api/v1/staff/skus/TIDE-03-M/restocks/2026-117", "Content-Type: application/json", strings.NewReader(body)).Code
	}
	right := `{"quantity": 3, "reason": "printed"}`
	if status := put(right); status != http.StatusNoContent {
		t.Errorf("status %d", status)
	}
	if want := (command.Restock{SKU: "TIDE-03-M", ID: "2026-117", Quantity: 3, Reason: "printed"}); got != want {
		t.Errorf("command is %+v, want %+v", got, want)
	}
	for refusal, want := range map[error]int{
		domain.ErrEditionFull:    http.StatusUnprocessableEntity,
		domain.ErrInvalidRestock: http.StatusUnprocessableEntity,
		domain.ErrRestockExists:  http.StatusConflict,
		domain.ErrUnknownSKU:     http.StatusNotFound,
	} {
		if answer = refusal; put(right) != want {
			t.Errorf("%v: status is not %d", refusal, want)
		}
	}
	for _, bad := range []string{`{}`, `{"quantity": 0, "reason": "printed"}`, `{"quantity": 1.5, "reason": "printed"}`, `{"quantity": 1, "reason": "stolen"}`} {
		if status := put(bad); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", bad, status)
		}
	}
}
