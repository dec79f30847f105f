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
	"tirage/internal/stock/infrastructure/api"
)

var offer = stock.Offer{
	SKU: "TIDE-03-M", PrintID: "tide-03", Title: "Undertow", Size: "50 × 70 cm",
	Price: money.EUR(24000), EditionSize: 10, Available: 4,
}

func setup(t *testing.T) (humatest.TestAPI, *bus.Queries) {
	t.Helper()
	_, server := humatest.New(t)
	queries := bus.NewQueries()
	api.Register(server, queries)
	return server, queries
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
