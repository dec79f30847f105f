package bus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"

	"tirage/internal/platform/event"
)

// Queue is a service level, not a context: how soon, and how insistently, the
// deliveries in it are worked on.
type Queue string

// The shop's service levels.
const (
	Critical Queue = "critical" // stock and payment
	Default  Queue = "default"  // mail to customers
	Low      Queue = "low"      // staff alerts
)

// Queues lists every service level, most urgent first.
func Queues() []Queue { return []Queue{Critical, Default, Low} }

// Subscription is one handler's standing wish to hear one type of event.
type Subscription struct {
	// Handler is the stable name "context.ReactionOnFact". It is stored in the
	// ledger and in Redis, so renaming one is removing it and adding another.
	Handler string
	Queue   Queue
	// Delay is how long after the event the handler runs; 0 is at once.
	Delay time.Duration

	event  event.Type
	source string

	handle   func(context.Context, event.Envelope) error
	call     func(context.Context, event.Envelope) (any, error)
	complete func(context.Context, event.Envelope, any) error
}

// Event is the type the subscription listens to.
func (s Subscription) Event() event.Type { return s.event }

// Source is the Go function behind the subscription, for those who go looking.
func (s Subscription) Source() string { return s.source }

// External tells a handler that calls the outside world from a transactional one.
func (s Subscription) External() bool { return s.call != nil }

// Handle runs a transactional handler in the unit of work of ctx.
func (s Subscription) Handle(ctx context.Context, e event.Envelope) error { return s.handle(ctx, e) }

// Call runs the part of an external handler that talks to the outside world. It
// must not be in a transaction.
func (s Subscription) Call(ctx context.Context, e event.Envelope) (any, error) { return s.call(ctx, e) }

// Complete stores what Call returned, in the unit of work of ctx.
func (s Subscription) Complete(ctx context.Context, e event.Envelope, outcome any) error {
	return s.complete(ctx, e, outcome)
}

// Events is the event bus' register: which events exist and who subscribes to them.
// It moves nothing itself; package delivery does.
type Events struct {
	middleware    []Middleware
	published     map[event.Type]event.Fact
	subscriptions map[string]Subscription
	retired       []string
}

// NewEvents returns an event bus whose handlers all run inside middleware.
func NewEvents(middleware ...Middleware) *Events {
	return &Events{
		middleware:    middleware,
		published:     map[event.Type]event.Fact{},
		subscriptions: map[string]Subscription{},
	}
}

// Publishes declares the events a context may record.
func (b *Events) Publishes(facts ...event.Fact) {
	for _, fact := range facts {
		b.published[fact.EventType()] = fact
	}
}

// Subscribe registers a transactional handler: it runs in a unit of work together
// with the mark that says it ran, so its effect on the database happens exactly once.
func Subscribe[E event.Fact](b *Events, s Subscription, handle func(context.Context, E) error) {
	run := chain(b.middleware, func(ctx context.Context, message any) (any, error) {
		return nil, handle(ctx, message.(E))
	})
	s.handle = func(ctx context.Context, e event.Envelope) error {
		fact, err := event.Open[E](e)
		if err != nil {
			return err
		}
		_, err = run(ctx, fact)
		return err
	}
	add[E](b, s, handle)
}

// SubscribeExternal registers a handler with an effect outside the database. call
// runs outside any transaction and must pass the world a stable idempotency key;
// complete stores its outcome in a unit of work.
func SubscribeExternal[E event.Fact, R any](b *Events, s Subscription,
	call func(context.Context, E) (R, error),
	complete func(context.Context, E, R) error,
) {
	run := chain(b.middleware, func(ctx context.Context, message any) (any, error) {
		return call(ctx, message.(E))
	})
	s.call = func(ctx context.Context, e event.Envelope) (any, error) {
		fact, err := event.Open[E](e)
		if err != nil {
			return nil, err
		}
		return run(ctx, fact)
	}
	s.complete = func(ctx context.Context, e event.Envelope, outcome any) error {
		fact, err := event.Open[E](e)
		if err != nil {
			return err
		}
		return complete(ctx, fact, outcome.(R))
	}
	add[E](b, s, call)
}

func add[E event.Fact](b *Events, s Subscription, handler any) {
	var fact E
	s.event = fact.EventType()
	s.source = runtime.FuncForPC(reflect.ValueOf(handler).Pointer()).Name()
	if _, taken := b.subscriptions[s.Handler]; taken {
		panic(fmt.Sprintf("bus: handler %s is subscribed twice", s.Handler))
	}
	b.subscriptions[s.Handler] = s
}

// Retire declares that a handler of an earlier program exists no more. What is still
// owed to it is given up, visibly, instead of waiting for a program that has it.
func (b *Events) Retire(handler string) { b.retired = append(b.retired, handler) }

// Retired lists the handlers that exist no more.
func (b *Events) Retired() []string { return b.retired }

// Subscription returns the subscription of a handler, if this program has it.
func (b *Events) Subscription(handler string) (Subscription, bool) {
	s, ok := b.subscriptions[handler]
	return s, ok
}

// Subscriptions lists all subscriptions by handler name.
func (b *Events) Subscriptions() []Subscription {
	all := make([]Subscription, 0, len(b.subscriptions))
	for _, s := range b.subscriptions {
		all = append(all, s)
	}
	slices.SortFunc(all, func(x, y Subscription) int { return cmp.Compare(x.Handler, y.Handler) })
	return all
}

// SubscribersOf lists who listens to a type of event, by handler name.
func (b *Events) SubscribersOf(t event.Type) []Subscription {
	return slices.DeleteFunc(b.Subscriptions(), func(s Subscription) bool { return s.event != t })
}

// Published lists every declared event, by name.
func (b *Events) Published() []event.Fact {
	all := make([]event.Fact, 0, len(b.published))
	for _, fact := range b.published {
		all = append(all, fact)
	}
	slices.SortFunc(all, func(x, y event.Fact) int { return cmp.Compare(x.EventType().Name, y.EventType().Name) })
	return all
}

// Check reports every mistake in the wiring: a subscription to an event nobody
// publishes, an unknown queue, or a handler name that another one begins with
// (Asynq routes tasks by prefix, so "A.Do" would also receive "A.DoMore").
func (b *Events) Check() error {
	var mistakes []error
	all := b.Subscriptions()
	for _, handler := range b.retired {
		if _, ok := b.subscriptions[handler]; ok {
			mistakes = append(mistakes, fmt.Errorf("%s is both subscribed and retired", handler))
		}
	}
	for i, s := range all {
		if _, ok := b.published[s.event]; !ok {
			mistakes = append(mistakes, fmt.Errorf("%s: nobody publishes %s", s.Handler, s.event.Name))
		}
		if !slices.Contains(Queues(), s.Queue) {
			mistakes = append(mistakes, fmt.Errorf("%s: unknown queue %q", s.Handler, s.Queue))
		}
		if i > 0 && strings.HasPrefix(s.Handler, all[i-1].Handler) {
			mistakes = append(mistakes, fmt.Errorf("%s begins with the name of %s", s.Handler, all[i-1].Handler))
		}
	}
	return errors.Join(mistakes...)
}
