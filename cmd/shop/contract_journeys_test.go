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
	held   string // the handler that does not run
	orders map[string]order.ID
}

func newContractShop(t *testing.T, db *database.DB) *contractShop {
	t.Helper()
	config := &Config{Addr: "127.0.0.1:0", BaseURL: "http://shop.test", DataDir: t.TempDir(), LogFormat: "text", ReconcileEvery: 1}
	s := &shop{config: config, log: slog.New(slog.DiscardHandler), registry: prometheus.NewRegistry(), db: db}
	var noSecret error
	s.secret, noSecret = openSecret(config)
	err := errors.Join(noSecret, config.AfterApply(), s.wire(), store.Seed(t.Context(), db, catalogue.All()), s.ledger.Subscribe(t.Context()))
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
	brokenCard   = "4000 0000 0000 0069"
)

const charging = "order.ChargeOnPaymentRequested"

// travel makes every journey an order can make, running deliveries by run. It is made once
// and again for every handler, so no journey may sell more than one copy in fifty.
func (c *contractShop) travel(name string, run func(delivery.ID)) {
	c.t.Helper()
	shipped := c.journey(name+"/shipped", "TIDE-01-M", 1, goodCard, run)
	c.command(shipped, command.ShipOrder{ID: shipped, Tracking: "RR123456785NL"})
	c.pump(run)

	refunded := c.journey(name+"/refunded", "TIDE-04-M", 3, goodCard, run) // the whole edition
	c.command(refunded, command.RefundOrder{ID: refunded})
	c.pump(run)

	c.payAgain(c.journey(name+"/declined, then paid", "FLOCK-03-S", 1, declinedCard, run))
	c.pump(run)

	c.held = charging
	c.payAgain(c.journey(name+"/stuck, then paid", "LOOM-01-S", 1, goodCard, run))
	c.held = ""
	c.pump(run)

	c.exec("UPDATE skus SET on_hand = reserved WHERE sku = 'TIDE-01-L'")
	c.journey(name+"/sold out", "TIDE-01-L", 1, goodCard, run)

	given := c.place(name+"/cancelled at once", "TIDE-01-M", 1, goodCard)
	c.command(given, command.CancelOrder{ID: given})
	c.pump(run)

	c.held = charging
	ended := c.journey(name+"/cancelled by staff", "TIDE-01-M", 1, goodCard, run)
	c.command(ended, command.CancelOrderByStaff{ID: ended})
	c.held = ""
	c.pump(run)

	c.expire(c.journey(name+"/unpaid", "TIDE-01-M", 1, declinedCard, run))
	c.pump(run)
}

func (c *contractShop) journey(name, sku string, copies int, card string, run func(delivery.ID)) order.ID {
	c.t.Helper()
	id := c.place(name, sku, copies, card)
	c.pump(run)
	return id
}

func (c *contractShop) place(name, sku string, copies int, card string) order.ID {
	c.t.Helper()
	id := order.NewID()
	c.orders[name] = id
	c.command(id, command.CreateOrder{
		Request: domain.Request{Key: string(id)}, ID: id, Token: c.secret.Token(id), Card: c.card(card),
		Customer: order.Customer{Name: "Ada", Email: "ada@example.com", Address: "1 Street"},
		Lines:    []command.Line{{SKU: sku, Quantity: copies}},
	})
	return id
}

// payAgain pays with another card, however long ago the last payment was wanted.
func (c *contractShop) payAgain(id order.ID) order.PaymentID {
	c.t.Helper()
	c.exec("UPDATE payments SET since = 1 WHERE order_id = ?", id)
	payment := order.NewPaymentID()
	c.command(id, command.PayOrder{ID: id, PaymentID: payment, Card: c.card(goodCard)})
	return payment
}

// expire has an order's payment window, and the grace after it, pass.
func (c *contractShop) expire(id order.ID) {
	c.t.Helper()
	c.exec("UPDATE orders SET pay_by = 1 WHERE id = ?", id)
	c.exec(`UPDATE deliveries SET due_at = 1 WHERE handler = 'order.CancelUnpaidOrderOnOrderCreated'
		AND event_id IN (SELECT id FROM events WHERE correlation_id = ?)`, id)
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

// pump runs what is due until nothing is, the late handler's deliveries last and the held
// one's not at all.
func (c *contractShop) pump(run func(delivery.ID)) {
	c.t.Helper()
	due := "SELECT event_id, handler FROM deliveries WHERE state = 'pending' AND handler <> ? AND due_at <= " + c.db.Now()
	for {
		ids := c.ids(due+" AND handler <> ?", c.held, c.late)
		if len(ids) == 0 {
			ids = c.ids(due+" AND handler = ?", c.held, c.late)
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
