package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"

	"tirage/internal/order"
	"tirage/internal/order/application/command"
	"tirage/internal/order/domain"
	"tirage/internal/order/infrastructure/simulator"
	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
	"tirage/internal/platform/delivery"
	"tirage/internal/platform/event"
	"tirage/internal/stock/infrastructure/catalogue"
	"tirage/internal/stock/infrastructure/store"
)

// contractShop is the real wiring over a test's database. Nothing runs by itself: the
// test hands deliveries to the worker, in the order it wants. Redis is never asked.
type contractShop struct {
	*shop

	t      *testing.T
	worker *delivery.Worker
	cards  *simulator.Simulator
	late   string // the handler that runs only when nothing else is left to run
	orders map[string]order.ID
}

func newContractShop(t *testing.T, db *database.DB) *contractShop {
	t.Helper()
	config := &Config{Addr: "127.0.0.1:0", BaseURL: "http://shop.test", DataDir: t.TempDir(), ReconcileEvery: 1}
	s := &shop{config: config, log: slog.New(slog.DiscardHandler), registry: prometheus.NewRegistry(), db: db}
	err := errors.Join(config.AfterApply(), s.wire(), store.Seed(t.Context(), db, catalogue.All()), s.ledger.Subscribe(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	redis, err := delivery.OpenRedis(t.Context(), "redis://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	return &contractShop{
		shop: s, t: t, worker: delivery.NewWorker(redis.Worker, s.ledger, s.work),
		cards: simulator.New(db), orders: map[string]order.ID{},
	}
}

const (
	goodCard     = "4242 4242 4242 4242"
	declinedCard = "4000 0000 0000 0002"
)

// travel makes every journey an order can make, running deliveries by run.
func (c *contractShop) travel(name string, run func(delivery.ID)) {
	c.t.Helper()
	c.journey(name+"/sold", 1, goodCard, run)

	c.journey(name+"/refunded", 1, goodCard, run)
	c.command(c.orders[name+"/refunded"], command.RefundOrder{ID: c.orders[name+"/refunded"]})
	c.pump(run)

	c.journey(name+"/paid again", 1, declinedCard, run)
	c.command(c.orders[name+"/paid again"], command.PayOrder{
		ID: c.orders[name+"/paid again"], PaymentID: order.NewPaymentID(), Card: c.card(goodCard),
	})
	c.pump(run)

	c.exec("UPDATE skus SET on_hand = reserved WHERE sku = 'TIDE-01-L'")
	c.place(name+"/sold out", "TIDE-01-L", 1, goodCard)
	c.pump(run)

	c.place(name+"/cancelled at once", "TIDE-01-M", 1, goodCard)
	c.command(c.orders[name+"/cancelled at once"], command.CancelOrder{ID: c.orders[name+"/cancelled at once"]})
	c.pump(run)

	unpaid := name + "/unpaid"
	c.journey(unpaid, 1, declinedCard, run)
	c.exec("UPDATE orders SET pay_by = 1 WHERE id = ?", string(c.orders[unpaid]))
	c.exec(`UPDATE deliveries SET due_at = 1 WHERE handler = 'order.CancelUnpaidOrderOnOrderCreated'
		AND event_id IN (SELECT id FROM events WHERE correlation_id = ?)`, string(c.orders[unpaid]))
	c.pump(run)
}

func (c *contractShop) journey(name string, copies int, card string, run func(delivery.ID)) {
	c.t.Helper()
	c.place(name, "TIDE-01-M", copies, card)
	c.pump(run)
}

func (c *contractShop) place(name, sku string, copies int, card string) {
	c.t.Helper()
	id := order.NewID()
	c.orders[name] = id
	c.command(id, command.CreateOrder{
		ID: id, Token: domain.NewToken(), Card: c.card(card),
		Customer: order.Customer{Name: "Ada", Email: "ada@example.com", Address: "1 Street"},
		Lines:    []command.Line{{SKU: sku, Quantity: copies}},
	})
}

func (c *contractShop) command(id order.ID, message any) {
	c.t.Helper()
	ctx := event.WithTrail(c.t.Context(), event.Trail{CorrelationID: string(id), CausationID: "test"})
	if err := c.commands.Execute(ctx, message); err != nil {
		c.t.Fatalf("%T: %v", message, err)
	}
}

func (c *contractShop) card(number string) domain.CardToken {
	c.t.Helper()
	token, err := c.cards.Tokenize(number)
	if err != nil {
		c.t.Fatal(err)
	}
	return token
}

// pump runs what is due until nothing is, the late handler's deliveries last.
func (c *contractShop) pump(run func(delivery.ID)) {
	c.t.Helper()
	const due = "SELECT event_id, handler FROM deliveries WHERE state = 'pending' AND due_at <= "
	for {
		ids := c.ids(due+c.db.Now()+" AND handler <> ?", c.late)
		if len(ids) == 0 {
			ids = c.ids(due+c.db.Now()+" AND handler = ?", c.late)
		}
		if len(ids) == 0 {
			return
		}
		for _, id := range ids {
			run(id)
		}
	}
}

// process hands a delivery to the worker as Asynq would.
func (c *contractShop) process(id delivery.ID) error {
	payload := `{"event_id":"` + id.EventID + `","generation":1}`
	return c.worker.ProcessTask(c.t.Context(), asynq.NewTask(id.Handler, []byte(payload)))
}

// story tells how a delivery's attempts went, for the message of a test that fails.
func (c *contractShop) story(id delivery.ID) string {
	return c.list("SELECT outcome || ' ' || error FROM delivery_attempts WHERE event_id = ? AND handler = ? ORDER BY id",
		id.EventID, id.Handler)
}

// unguarded runs a delivery's handler in a unit of work of its own, without asking the
// ledger whether it may. An error is no fault of the contract: it would be retried.
func (c *contractShop) unguarded(id delivery.ID) {
	s, _ := c.events.Subscription(id.Handler)
	e := c.envelope(id.EventID)
	ctx := event.WithTrail(c.t.Context(), event.Trail{CorrelationID: e.CorrelationID, CausationID: e.ID})
	var outcome any
	if s.External() {
		var err error
		if outcome, err = s.Call(ctx, e); err != nil {
			c.tolerate(err)
			return
		}
	}
	c.tolerate(c.work.Do(ctx, func(ctx context.Context) error {
		if s.External() {
			return s.Complete(ctx, e, outcome)
		}
		return s.Handle(ctx, e)
	}))
}

// tolerate lets a handler ask for another time, and nothing else.
func (c *contractShop) tolerate(err error) {
	if _, postponed := errors.AsType[*bus.Postponed](err); err != nil && !postponed {
		c.t.Error(err)
	}
}

func (c *contractShop) envelope(id string) event.Envelope {
	var row struct {
		Type, Aggregate, AggregateID, CorrelationID, Payload string
		Version, AggregateVersion                            int
		OccurredAt                                           database.Time
	}
	if err := c.db.Conn(c.t.Context()).Raw("SELECT * FROM events WHERE id = ?", id).Scan(&row).Error; err != nil {
		c.t.Error(err)
	}
	return event.Envelope{
		ID: id, Type: event.Type{Name: row.Type, Version: row.Version},
		Aggregate: row.Aggregate, AggregateID: row.AggregateID, AggregateVersion: row.AggregateVersion,
		OccurredAt: row.OccurredAt.Time, CorrelationID: row.CorrelationID, Payload: []byte(row.Payload),
	}
}
