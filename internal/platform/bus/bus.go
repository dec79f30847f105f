// Package bus holds the shop's three buses.
//
//   - Commands (synchronous): one handler each, run in one unit of work.
//   - Queries (synchronous): one handler each, read only.
//   - Events (asynchronous): any number of subscriptions each; package delivery
//     carries them. Only domain events are ever asynchronous.
//
// All three run their handlers through the same kind of Middleware.
package bus

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// Handler is a bus handler without its types, as middleware sees it.
type Handler func(ctx context.Context, message any) (any, error)

// Middleware wraps what runs a message. The first of a list is the outermost.
type Middleware func(next Handler) Handler

// ErrNoHandler is returned for a message that nothing was registered for.
var ErrNoHandler = errors.New("no handler is registered")

func chain(middleware []Middleware, h Handler) Handler {
	for _, wrap := range slices.Backward(middleware) {
		h = wrap(h)
	}
	return h
}

// routes finds the one handler of a message by the message's type.
type routes struct {
	middleware []Middleware
	handlers   map[reflect.Type]Handler
}

func newRoutes(middleware []Middleware) routes {
	return routes{middleware: middleware, handlers: map[reflect.Type]Handler{}}
}

// register panics when a message has two handlers: wiring is done once, at start,
// and a program that is wired wrongly must not start.
func (r *routes) register(message reflect.Type, h Handler) {
	if _, taken := r.handlers[message]; taken {
		panic(fmt.Sprintf("bus: %s has two handlers", message))
	}
	r.handlers[message] = chain(r.middleware, h)
}

func (r *routes) send(ctx context.Context, message any) (any, error) {
	h, ok := r.handlers[reflect.TypeOf(message)]
	if !ok {
		return nil, fmt.Errorf("%w: %T", ErrNoHandler, message)
	}
	return h(ctx, message)
}
