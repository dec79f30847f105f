package query

import (
	"context"

	"tirage/internal/order"
	"tirage/internal/order/domain"
)

// FindRepeated asks which order a request led to when it came the first time; the answer
// is an order.ID.
type FindRepeated struct {
	Request domain.Request
}

// takenRequests finds what is remembered of the request that had a key, or fails with
// order.ErrNotFound.
type takenRequests interface {
	ByKey(ctx context.Context, key string) (domain.Request, order.ID, error)
}

// FindRepeatedHandler answers FindRepeated.
type FindRepeatedHandler struct{ requests takenRequests }

// NewFindRepeatedHandler returns the handler of FindRepeated.
func NewFindRepeatedHandler(requests takenRequests) *FindRepeatedHandler {
	return &FindRepeatedHandler{requests: requests}
}

// Handle fails with domain.ErrKeyReused when another request had the key, and with
// order.ErrNotFound when none had.
func (h *FindRepeatedHandler) Handle(ctx context.Context, q FindRepeated) (order.ID, error) {
	taken, id, err := h.requests.ByKey(ctx, q.Request.Key)
	if err != nil {
		return "", err
	}
	return id, taken.Check(q.Request)
}
