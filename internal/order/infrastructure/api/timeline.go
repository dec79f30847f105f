package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/delivery"
)

// timelines tells what one conversation caused, message by message.
type timelines interface {
	Timeline(ctx context.Context, correlationID string) ([]delivery.EventView, error)
}

type timelineResponse struct {
	CacheControl string `header:"Cache-Control"`
	Body         []delivery.EventView
}

// RegisterTimeline adds the operation that shows the messages underneath an order.
func RegisterTimeline(api huma.API, queries *bus.Queries, messages timelines) {
	o := operations{queries: queries}
	huma.Register(api, huma.Operation{
		OperationID: "get-timeline",
		Method:      http.MethodGet,
		Path:        "/api/v1/orders/{token}/timeline",
		Summary:     "Follow an order's messages",
		Description: "Every event that followed from the order, with its deliveries and their attempts.",
		Tags:        []string{"Orders"},
		Errors:      []int{http.StatusNotFound},
	}, func(ctx context.Context, r *byToken) (*timelineResponse, error) {
		view, err := o.find(ctx, r.Token)
		if err != nil {
			return nil, Problems.Of(err)
		}
		timeline, err := messages.Timeline(ctx, string(view.ID))
		if err != nil {
			return nil, Problems.Of(err)
		}
		return &timelineResponse{CacheControl: "no-store", Body: timeline}, nil
	})
}
