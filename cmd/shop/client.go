package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"tirage/internal/order"
	"tirage/internal/platform/delivery"
	"tirage/internal/platform/event"
	"tirage/internal/stock"
)

// shopClient asks a running shop over its JSON API.
type shopClient struct{ url string }

// anySKU picks something of which quantity copies are available.
func (c shopClient) anySKU(ctx context.Context, quantity int) (string, error) {
	var catalogue struct {
		Prints []stock.Print `json:"prints"`
	}
	if err := c.call(ctx, http.MethodGet, "/api/v1/prints", nil, &catalogue); err != nil {
		return "", err
	}
	for _, p := range catalogue.Prints {
		for _, size := range p.Sizes {
			if size.Available >= quantity {
				return size.SKU, nil
			}
		}
	}
	return "", errors.New("nothing is available in that quantity")
}

// placeOrder orders as a demonstration customer and returns the order's token.
func (c shopClient) placeOrder(ctx context.Context, sku string, quantity int, card string) (string, error) {
	body := map[string]any{
		"customer": map[string]string{
			"name": "Demo Customer", "email": "demo@example.com", "address": "1 Example Street\nExampletown",
		},
		"lines": []map[string]any{{"sku": sku, "quantity": quantity}},
		"card":  card,
	}
	var created struct {
		Token string `json:"token"`
	}
	err := c.call(ctx, http.MethodPost, "/api/v1/orders", body, &created)
	return created.Token, err
}

func (c shopClient) report(ctx context.Context, token string) (orderReport, error) {
	// The timeline first: what it shows as done, the order then shows too.
	var timeline []delivery.EventView
	path := "/api/v1/orders/" + token
	if err := c.call(ctx, http.MethodGet, path+"/timeline", nil, &timeline); err != nil {
		return orderReport{}, err
	}
	var status struct {
		order.View
		Editions []stock.Edition `json:"editions"`
	}
	if err := c.call(ctx, http.MethodGet, path, nil, &status); err != nil {
		return orderReport{}, err
	}
	return orderReport{Order: status.View, Editions: status.Editions, Timeline: timeline}, nil
}

// call sends body as JSON and reads the answer into answer. An answer that is a
// problem becomes an error with the problem's words.
func (c shopClient) call(ctx context.Context, method, path string, body, answer any) error {
	var encoded bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&encoded).Encode(body); err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.url, "/")+path, &encoded)
	if err != nil {
		return fmt.Errorf("ask the shop: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", event.NewID()) // each call is meant
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask the shop at %s (is it running? `shop` opens it): %w", c.url, err)
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		return problemOf(response)
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		return fmt.Errorf("read the shop's answer to %s: %w", path, err)
	}
	return nil
}

func problemOf(response *http.Response) error {
	var problem struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
		Errors []struct {
			Message  string `json:"message"`
			Location string `json:"location"`
		} `json:"errors"`
	}
	if err := json.NewDecoder(response.Body).Decode(&problem); err != nil {
		return fmt.Errorf("the shop answers %s", response.Status)
	}
	words := []string{fmt.Sprintf("the shop answers %d", response.StatusCode), problem.Title, problem.Detail}
	for _, e := range problem.Errors {
		words = append(words, e.Location+" "+e.Message)
	}
	return errors.New(strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), ": "))
}
