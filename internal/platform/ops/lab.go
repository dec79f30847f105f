package ops

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tirage/internal/platform/delivery"
)

type failureSwitch struct {
	Handler string `path:"handler" doc:"Stable name of the handler, such as stock.UpdateStockOnOrderCreated"`
	Body    struct {
		Mode  string `json:"mode" enum:"error,permanent,panic,slow,after_effect" doc:"How the handler fails"`
		Times int    `json:"times" minimum:"-1" doc:"How many times; -1 is always, 0 is no more"`
	}
}

// RegisterLab adds the failure lab's switches to the API, for staff.
func RegisterLab(api huma.API, lab *delivery.Lab) {
	huma.Register(api, huma.Operation{
		OperationID:   "set-failure-switch",
		Method:        http.MethodPut,
		Path:          "/api/v1/staff/lab/{handler}",
		Summary:       "Make a handler fail on purpose",
		DefaultStatus: http.StatusNoContent,
	}, func(ctx context.Context, in *failureSwitch) (*struct{}, error) {
		return nil, lab.Set(ctx, in.Handler, delivery.Mode(in.Body.Mode), in.Body.Times)
	})
}
