package query

import (
	"context"
	"fmt"
	"time"

	"tirage/internal/order"
	"tirage/internal/order/domain"
)

// FindByToken asks for the order whose secret token somebody holds; the answer is an
// order.View.
type FindByToken struct {
	Token domain.Token
}

// viewsByToken finds the view of an order by domain.Token.Hash, or fails with
// order.ErrNotFound.
type viewsByToken interface {
	ByTokenHash(ctx context.Context, hash string) (order.View, error)
}

// FindByTokenHandler answers FindByToken.
type FindByTokenHandler struct{ views viewsByToken }

// NewFindByTokenHandler returns the handler of FindByToken.
func NewFindByTokenHandler(views viewsByToken) *FindByTokenHandler {
	return &FindByTokenHandler{views: views}
}

// Handle fails with order.ErrNotFound, also for a token that has expired.
func (h *FindByTokenHandler) Handle(ctx context.Context, q FindByToken) (order.View, error) {
	view, err := h.views.ByTokenHash(ctx, q.Token.Hash())
	if err == nil && time.Since(view.PlacedAt) > domain.TokenLifetime {
		return order.View{}, fmt.Errorf("%w: its token has expired", order.ErrNotFound)
	}
	return view, err
}
