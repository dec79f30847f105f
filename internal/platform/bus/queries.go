package bus

import (
	"context"
	"fmt"
	"reflect"
)

// Queries is the query bus: synchronous, one handler per query, read only. It is
// the only way one context asks another; the query type is published in the root
// package of the context that answers.
type Queries struct{ routes routes }

// NewQueries returns a query bus whose handlers all run inside middleware.
func NewQueries(middleware ...Middleware) *Queries {
	return &Queries{routes: newRoutes(middleware)}
}

// Answer registers the one handler of queries of type Q.
func Answer[Q, R any](b *Queries, answer func(context.Context, Q) (R, error)) {
	b.routes.register(reflect.TypeFor[Q](), func(ctx context.Context, message any) (any, error) {
		return answer(ctx, message.(Q))
	})
}

// Ask sends a query and returns its answer: bus.Ask[order.Contact](ctx, queries, q).
// It fails with ErrNoHandler, with the handler's own error, or when the handler
// answers with another type than R.
func Ask[R, Q any](ctx context.Context, b *Queries, query Q) (R, error) {
	var zero R
	answer, err := b.routes.send(ctx, query)
	if err != nil {
		return zero, err
	}
	result, ok := answer.(R)
	if !ok {
		return zero, fmt.Errorf("bus: %T is answered with %T, not %T", query, answer, zero)
	}
	return result, nil
}
