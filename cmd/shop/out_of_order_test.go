package main

import (
	"context"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"

	"tirage/internal/order"
	"tirage/internal/order/application/command"
	"tirage/internal/order/domain"
	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
	"tirage/internal/platform/delivery"
	"tirage/internal/platform/money"
)

// What can go wrong with the order of things, each made to happen by handing deliveries to
// the worker by hand. However it goes, in the end the money, the stock, the numbers and
// the mails agree.

// reserving and its like are the handlers that these tests run one at a time.
const (
	reserving  = "stock.UpdateStockOnOrderCreated"
	releasing  = "stock.ReleaseStockOnOrderCancelled"
	requesting = "order.RequestPaymentOnStockReserved"
	expiring   = "order.CancelUnpaidOrderOnOrderCreated"
	voiding    = "order.VoidOnPaymentAbandoned"
)

// outOfOrder runs test with the real wiring on each database. All are orders for copies of
// TIDE-03-L, an edition of 3.
func outOfOrder(t *testing.T, test func(c *contractShop)) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { test(newContractShop(t, db)) })
}

func TestCancelledBeforeReserved(t *testing.T) {
	outOfOrder(t, func(c *contractShop) {
		id := c.place("o/1", "TIDE-03-L", 3, goodCard)
		c.command(id, command.CancelOrder{ID: id})
		c.deliver(id, reserving) // nobody has told stock yet
		c.deliver(id, requesting)
		c.expectForSale(0)
		c.pump(c.runOnce)
		c.expectForSale(3)
		c.expect("1", finalState{
			"order": "cancelled customer", "reservation": "released", "payments": "", "charges": "",
			"events": "order.OrderCancelled order.OrderCreated stock.StockRanLow stock.StockReleased stock.StockReplenished stock.StockReserved",
			"mails":  "cancellation",
		})
	})
}

func TestReleasedBeforeReserved(t *testing.T) {
	outOfOrder(t, func(c *contractShop) {
		id := c.place("o/1", "TIDE-03-L", 3, goodCard)
		c.command(id, command.CancelOrder{ID: id})
		c.deliver(id, releasing)
		c.deliver(id, reserving)
		c.expectForSale(3)
		c.pump(c.runOnce)
		c.expect("1", finalState{
			"order": "cancelled customer", "reservation": "released", "payments": "", "charges": "",
			"events": "order.OrderCancelled order.OrderCreated stock.StockReleased",
			"mails":  "cancellation",
		})
	})
}

func TestExpiredWhileAChargeIsUnresolved(t *testing.T) {
	outOfOrder(t, func(c *contractShop) {
		// The charge is tried before the void, after it, or is dead and never tried again; and
		// the provider has taken the money before that, or not.
		for i, first := range []string{charging, voiding, "nobody"} {
			for _, taken := range []bool{false, true} {
				name := string('a'+rune(i)) + map[bool]string{false: "", true: " taken"}[taken]
				id := c.underWay("o/"+name, goodCard)
				if taken {
					c.takeSilently(id)
				}
				c.expire(id)
				c.deliver(id, expiring)
				if first == "nobody" {
					c.die(id, charging)
				} else {
					c.deliver(id, first)
				}
				c.pump(c.runOnce)
				want := finalState{
					"order": "cancelled unpaid", "reservation": "released", "editions": "0",
					"payments": "voided", "charges": "voided", "refunds": "0", "mails": "cancellation confirmation",
				}
				if taken {
					want["payments"], want["charges"], want["refunds"] = "refunded", "approved", "1"
					want["mails"] = "cancellation confirmation refund-notice"
				}
				c.expect(name, want)
				c.expectForSale(3)
			}
		}
	})
}

func TestAChargeAnsweredAfterTheCancellation(t *testing.T) {
	outOfOrder(t, func(c *contractShop) {
		id := c.underWay("o/1", goodCard)
		charge := c.pending(id, charging)
		s, _ := c.events.Subscription(charging)
		e := c.envelope(charge.EventID)
		outcome, err := s.Call(c.t.Context(), e)
		if err != nil {
			c.t.Fatal(err)
		}
		c.command(id, command.CancelOrderByStaff{ID: id}) // while the answer is on its way
		if err := c.work.Do(c.t.Context(), func(ctx context.Context) error { return s.Complete(ctx, e, outcome) }); err != nil {
			c.t.Fatal(err)
		}
		c.pump(c.runOnce)
		c.expect("1", finalState{
			"order": "cancelled staff", "reservation": "released", "editions": "0",
			"payments": "refunded", "charges": "approved", "refunds": "1", "mails": "cancellation confirmation refund-notice",
		})
		c.expectForSale(3)
	})
}

func TestADeadChargeRetriedAfterAnotherCardPaid(t *testing.T) {
	outOfOrder(t, func(c *contractShop) {
		id := c.underWay("o/1", brokenCard)
		dead := c.pending(id, charging)
		if err := c.process(dead); err == nil {
			c.t.Fatal("the charge is not dead")
		}
		c.payAgain(id)
		c.pump(c.runOnce)
		c.retry(dead)
		c.pump(c.runOnce)
		c.expectSold("1", "voided approved", "voided approved")
	})
}

// Staff try the dead charge again when the customer has just taken another card, and the
// first is not voided yet.
func TestADeadChargeRetriedWhileAnotherCardWaits(t *testing.T) {
	outOfOrder(t, func(c *contractShop) {
		id := c.underWay("o/1", goodCard)
		dead := c.die(id, charging)
		c.payAgain(id)
		c.retry(dead)
		c.pump(c.runOnce)
		c.expectSold("1", "voided approved", "voided approved")
	})
}

// The dead charge had taken the money, and only its answer was lost: the other card is not
// charged at all.
func TestADeadChargeThatTookTheMoney(t *testing.T) {
	outOfOrder(t, func(c *contractShop) {
		id := c.underWay("o/1", goodCard)
		c.takeSilently(id)
		dead := c.die(id, charging)
		c.payAgain(id)
		c.pump(c.runOnce)
		c.retry(dead)
		c.pump(c.runOnce)
		c.expectSold("1", "approved voided", "approved")
	})
}

// The void is dead as well. A third card has it asked for again.
func TestADeadVoidIsAskedForAgain(t *testing.T) {
	outOfOrder(t, func(c *contractShop) {
		id := c.underWay("o/1", goodCard)
		charge := c.die(id, charging)
		c.payAgain(id)
		void := c.die(id, voiding)
		c.payAgain(id)
		c.pump(c.runOnce)
		c.retry(charge)
		c.retry(void)
		c.pump(c.runOnce)
		c.expectSold("1", "voided voided approved", "voided approved")
	})
}

// underWay places an order for the whole edition whose payment was requested, and whose
// charge nobody has made.
func (c *contractShop) underWay(name, card string) order.ID {
	c.t.Helper()
	c.held = charging
	id := c.journey(name, "TIDE-03-L", 3, card, c.runOnce)
	c.held = ""
	return id
}

// pending is the newest delivery to a handler that an order waits for.
func (c *contractShop) pending(id order.ID, handler string) delivery.ID {
	c.t.Helper()
	found := c.ids(`SELECT event_id, handler FROM deliveries WHERE handler = ? AND state = 'pending'
		AND event_id IN (SELECT id FROM events WHERE correlation_id = ?)`, handler, id)
	if len(found) == 0 {
		c.t.Fatalf("nothing to deliver to %s", handler)
	}
	return found[len(found)-1]
}

// deliver runs what an order waits for at a handler.
func (c *contractShop) deliver(id order.ID, handler string) {
	c.t.Helper()
	c.runOnce(c.pending(id, handler))
}

// die kills what an order waits for at a handler, as its last attempt does.
func (c *contractShop) die(id order.ID, handler string) delivery.ID {
	c.t.Helper()
	dead := c.pending(id, handler)
	c.exec("UPDATE deliveries SET state = 'dead', settled_at = 1 WHERE event_id = ? AND handler = ?", dead.EventID, handler)
	return dead
}

// retry has staff retry a dead delivery, and runs it.
func (c *contractShop) retry(dead delivery.ID) {
	c.t.Helper()
	if err := delivery.NewDesk(c.db).Retry(c.t.Context(), dead); err != nil {
		c.t.Fatal(err)
	}
	payload := `{"event_id":"` + dead.EventID + `","generation":2}`
	if err := c.worker.ProcessTask(c.t.Context(), asynq.NewTask(dead.Handler, []byte(payload))); err != nil {
		c.t.Fatalf("%s: %v (%s)", dead.Handler, err, c.story(dead))
	}
}

// takeSilently has the provider take the money of an order's first payment, and lose the
// answer.
func (c *contractShop) takeSilently(id order.ID) {
	c.t.Helper()
	view, err := bus.Ask[order.View](c.t.Context(), c.queries, order.GetOrder{ID: id})
	if err != nil {
		c.t.Fatal(err)
	}
	outcome, err := c.cards.Charge(c.t.Context(), view.Payments[0].ID, c.card(goodCard), view.Total)
	if err != nil || outcome != domain.Approved {
		c.t.Fatal(outcome, err)
	}
}

// expect compares a part of the state of order "o/<name>", and checks that its provider
// keeps the money of what is sold and of nothing else.
func (c *contractShop) expect(name string, want finalState) {
	c.t.Helper()
	all, got := c.finalState("o"), finalState{}
	for what := range want {
		got[what] = all[name+" "+what]
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		c.t.Errorf("order %s (-want +got):\n%s", name, diff)
	}
	for _, wrong := range []string{"held is reserved", "sold is owned"} {
		if all[wrong] != "0" {
			c.t.Errorf("%s: %s SKUs are wrong", wrong, all[wrong])
		}
	}
}

// expectSold expects the order sold, all three copies of it, for its price and once.
func (c *contractShop) expectSold(name, payments, charges string) {
	c.t.Helper()
	c.expect(name, finalState{
		"order": "confirmed ", "reservation": "committed", "editions": "3", "payments": payments, "charges": charges,
		"refunds": "0", "mails": "confirmation receipt",
	})
	var taken money.Amount
	if err := c.db.Conn(c.t.Context()).Raw(`SELECT SUM(amount_minor) AS minor, 'EUR' AS currency FROM simulator_charges
		WHERE outcome = 'approved'`).Scan(&taken).Error; err != nil {
		c.t.Fatal(err)
	}
	view, err := bus.Ask[order.View](c.t.Context(), c.queries, order.GetOrder{ID: c.orders["o/"+name]})
	if err != nil || taken != view.Total {
		c.t.Errorf("the provider took %s, want %s (%v)", taken, view.Total, err)
	}
	c.expectForSale(0)
}

func (c *contractShop) expectForSale(want int) {
	c.t.Helper()
	var available []int
	if err := c.db.Conn(c.t.Context()).Raw("SELECT on_hand - reserved FROM skus WHERE sku = 'TIDE-03-L'").Scan(&available).Error; err != nil {
		c.t.Fatal(err)
	}
	if !slices.Equal(available, []int{want}) {
		c.t.Errorf("%v are for sale, want %d", available, want)
	}
}
