package simulator

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

type cardsResponse struct {
	Body []Card
}

// Register adds the list of demonstration cards to the JSON API.
func Register(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "list-demonstration-cards",
		Method:      http.MethodGet,
		Path:        "/api/v1/payment/cards",
		Summary:     "List the cards that the simulated payment provider knows",
		Tags:        []string{"Payment"},
	}, func(context.Context, *struct{}) (*cardsResponse, error) {
		return &cardsResponse{Body: Cards()}, nil
	})
}
