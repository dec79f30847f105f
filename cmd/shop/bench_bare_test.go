package main

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"tirage/internal/platform/event"
)

// bareOrder writes the rows of one sold order as bare pgx statements, in the transactions
// in which the shop writes them: nothing is read, decided, retried or published. It is
// the ceiling that the shop is measured against.
func bareOrder(b *testing.B, pool *pgxpool.Pool, skus []string) {
	b.Helper()
	o := bare{b: b, pool: pool, order: event.NewID(), payment: event.NewID(), sku: skus[rand.N(len(skus))]}
	o.tx(func(tx pgx.Tx) { // CreateOrder
		o.do(tx, `INSERT INTO orders (id, version, token_hash, status, reason, customer_name, customer_email, customer_address,
			total_minor, currency, card_token, placed_at, pay_by)
			VALUES ($1, 1, $1, 'placed', '', 'Ada', 'ada@example.com', '1 Street', 9000, 'EUR', 'tok', 1, 2)`, o.order)
		o.do(tx, `INSERT INTO order_lines (order_id, position, sku, title, size, quantity, price_minor)
			VALUES ($1, 1, $2, 'Title', 'Size', 1, 9000)`, o.order, o.sku)
		o.event(tx, "order.OrderCreated", "order.Order", 1, "order.CancelUnpaidOrderOnOrderCreated",
			"stock.UpdateStockOnOrderCreated", "notification.SendConfirmationOnOrderCreated")
	})
	o.handler("stock.UpdateStockOnOrderCreated", func(tx pgx.Tx) {
		o.do(tx, `INSERT INTO reservations (order_id, state, version) VALUES ($1, 'held', 1)`, o.order)
		o.do(tx, `INSERT INTO reservation_lines (order_id, sku, quantity) VALUES ($1, $2, 1)`, o.order, o.sku)
		o.do(tx, `UPDATE skus SET reserved = reserved + 1 WHERE sku = $1`, o.sku)
		o.event(tx, "stock.StockReserved", "stock.Reservation", 1, "order.RequestPaymentOnStockReserved")
	})
	o.handler("order.RequestPaymentOnStockReserved", func(tx pgx.Tx) {
		o.do(tx, `INSERT INTO payments (id, order_id, attempt, status, card_token) VALUES ($1, $2, 1, 'unresolved', 'tok')`, o.payment, o.order)
		o.do(tx, `UPDATE orders SET status = 'reserved', version = 2 WHERE id = $1`, o.order)
		o.event(tx, "order.PaymentRequested", "order.Order", 2, "order.ChargeOnPaymentRequested")
	})
	o.tx(func(tx pgx.Tx) { o.lease(tx, "order.ChargeOnPaymentRequested") })
	o.tx(func(tx pgx.Tx) {
		o.do(tx, `INSERT INTO simulator_charges (key, amount_minor, currency, outcome, calls, settled_at)
			VALUES ($1, 9000, 'EUR', 'approved', 1, 1)`, o.payment)
	})
	o.handler("order.ChargeOnPaymentRequested", func(tx pgx.Tx) {
		o.do(tx, `UPDATE payments SET status = 'approved' WHERE id = $1`, o.payment)
		o.do(tx, `UPDATE orders SET status = 'paid', version = 3 WHERE id = $1`, o.order)
		o.event(tx, "order.PaymentReceived", "order.Order", 3, "stock.NumberEditionsOnPaymentReceived")
	})
	o.handler("stock.NumberEditionsOnPaymentReceived", func(tx pgx.Tx) {
		var number int
		err := tx.QueryRow(context.Background(), `UPDATE skus SET on_hand = on_hand - 1, reserved = reserved - 1, sold = sold + 1,
			issued = issued + 1 WHERE sku = $1 RETURNING issued`, o.sku).Scan(&number)
		if err != nil {
			o.b.Error(err)
		}
		o.do(tx, `INSERT INTO editions (sku, number, order_id) VALUES ($1, $2, $3)`, o.sku, number, o.order)
		o.do(tx, `UPDATE reservations SET state = 'committed', version = 2 WHERE order_id = $1`, o.order)
		o.event(tx, "stock.EditionsNumbered", "stock.Reservation", 2, "order.ConfirmOrderOnEditionsNumbered")
	})
	o.handler("order.ConfirmOrderOnEditionsNumbered", func(tx pgx.Tx) {
		o.do(tx, `UPDATE orders SET status = 'confirmed', version = 4 WHERE id = $1`, o.order)
		o.event(tx, "order.OrderConfirmed", "order.Order", 4, "notification.SendReceiptOnOrderConfirmed")
	})
	o.mail("notification.SendConfirmationOnOrderCreated")
	o.mail("notification.SendReceiptOnOrderConfirmed")
}

// bare is one order on its way.
type bare struct {
	b                   *testing.B
	pool                *pgxpool.Pool
	order, payment, sku string
	events              map[string]string // the event that each handler hears
}

func (o *bare) tx(fn func(pgx.Tx)) {
	err := pgx.BeginFunc(context.Background(), o.pool, func(tx pgx.Tx) error {
		fn(tx)
		return nil
	})
	if err != nil {
		o.b.Error(err)
	}
}

func (o *bare) do(tx pgx.Tx, sql string, args ...any) {
	if _, err := tx.Exec(context.Background(), sql, args...); err != nil {
		o.b.Error(err)
	}
}

func (o *bare) event(tx pgx.Tx, eventType, aggregate string, version int, handlers ...string) {
	id, now := event.NewID(), time.Now().UnixMicro()
	o.do(tx, `INSERT INTO events (id, type, version, aggregate, aggregate_id, aggregate_version, occurred_at, stored_at,
		correlation_id, causation_id, payload) VALUES ($1, $2, 1, $3, $4, $5, $6, $6, $4, $4, $7)`,
		id, eventType, aggregate, o.order, version, now, `{"order_id":"`+o.order+`"}`)
	sql := `INSERT INTO deliveries (event_id, handler, queue, state, generation, attempts, due_at, check_at, created_at)
		VALUES ($1, $2, 'critical', 'pending', 1, 0, $3, $3, $3)`
	args := []any{id, handlers[0], now + time.Hour.Microseconds()}
	if len(handlers) == 3 {
		sql += `, ($1, $4, 'critical', 'pending', 1, 0, $3, $3, $3), ($1, $5, 'critical', 'pending', 1, 0, $3, $3, $3)`
		args = append(args, handlers[1], handlers[2])
	}
	o.do(tx, sql, args...)
	if o.events == nil {
		o.events = map[string]string{}
	}
	for _, h := range handlers {
		o.events[h] = id
	}
}

// handler is a handler's transaction: its effect, the mark that it is done, its attempt.
func (o *bare) handler(name string, effect func(pgx.Tx)) {
	o.tx(func(tx pgx.Tx) {
		effect(tx)
		now := time.Now().UnixMicro()
		o.do(tx, `UPDATE deliveries SET state = 'done', attempts = 1, lease = '', lease_until = 0, settled_at = $3
			WHERE event_id = $1 AND handler = $2`, o.events[name], name, now)
		o.do(tx, `INSERT INTO delivery_attempts (event_id, handler, generation, attempt, outcome, worker, started_at, finished_at)
			VALUES ($1, $2, 1, 1, 'done', 'bare', $3, $3)`, o.events[name], name, now)
	})
}

func (o *bare) lease(tx pgx.Tx, handler string) {
	o.do(tx, `UPDATE deliveries SET lease = $3, lease_until = $4 WHERE event_id = $1 AND handler = $2`,
		o.events[handler], handler, event.NewID(), time.Now().Add(time.Minute).UnixMicro())
}

func (o *bare) mail(handler string) {
	o.tx(func(tx pgx.Tx) { o.lease(tx, handler) })
	id := event.NewID()
	o.tx(func(tx pgx.Tx) {
		o.do(tx, `INSERT INTO mailbox (message_id, order_id, template, recipient, subject, body, copies, received_at)
			VALUES ($1, $2, $3, 'ada@example.com', 'Subject', $4, 1, 1)`, id, o.order, handler, mailBody)
	})
	o.handler(handler, func(tx pgx.Tx) {
		o.do(tx, `INSERT INTO mails (id, order_id, template, recipient, subject, body, sent_at)
			VALUES ($1, $2, $3, 'ada@example.com', 'Subject', $4, 1)`, id, o.order, handler, mailBody)
	})
}

// mailBody is about as long as a mail of ours.
const mailBody = `Dear Ada,

thank you for your order. We have put the prints aside for you, and tell you as soon as
they are paid and numbered.

1 x Title, Size, 90.00 EUR
Total 90.00 EUR

Yours, Tirage
`
