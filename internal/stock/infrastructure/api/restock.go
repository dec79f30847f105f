package api

import (
	"context"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/event"
	"tirage/internal/platform/web"
	"tirage/internal/stock/application/command"
)

type restockInput struct {
	SKU  string `path:"sku" example:"GROVE-02-M"`
	ID   string `path:"id" doc:"Chosen by you for each delivery, such as its note's number: letters, digits and dashes" example:"2026-117"`
	Body struct {
		Quantity int    `json:"quantity" minimum:"1" maximum:"1000000"`
		Reason   string `json:"reason" enum:"printed,found" doc:"More of the edition was printed, or copies were found that nobody had counted"`
	}
}

func restock(commands *bus.Commands) func(context.Context, *restockInput) (*struct{}, error) {
	return func(ctx context.Context, in *restockInput) (*struct{}, error) {
		// A conversation of its own: mails to those who wait belong to it.
		ctx = event.WithTrail(ctx, event.Trail{CorrelationID: event.NewID(), CausationID: web.RequestID(ctx)})
		return nil, Problems.Of(commands.Execute(ctx, command.Restock{
			SKU: in.SKU, ID: in.ID, Quantity: in.Body.Quantity, Reason: in.Body.Reason,
		}))
	}
}
