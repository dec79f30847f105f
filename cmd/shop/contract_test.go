package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
	"tirage/internal/platform/delivery"
)

// The contract that every registered handler keeps: run late, twice or many times side by
// side, the shop ends in the same state as when each ran once, at once. The journeys in
// contract_journeys_test.go reach every handler; a handler that no journey reaches fails
// this test, so a new one needs a journey.
func TestEveryHandlerMayRunTwiceLateAndSideBySide(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		want := finalState{}
		t.Run("once", func(t *testing.T) {
			c := newContractShop(t, db)
			c.travel("once", c.runOnce)
			want = c.finalState("once")
			c.everyHandlerWasReached()
			c.everyHandlerAgain()
			if diff := gocmp.Diff(want, c.finalState("once")); diff != "" {
				t.Errorf("handlers that run again change the state:\n%s", diff)
			}
		})
		t.Run("side by side", func(t *testing.T) {
			c := newContractShop(t, db)
			c.travel("side by side", c.runSideBySide)
			if diff := gocmp.Diff(want, c.finalState("side by side")); diff != "" {
				t.Errorf("handlers that run side by side end in another state:\n%s", diff)
			}
		})
		for _, s := range newContractShop(t, db).events.Subscriptions() {
			t.Run("late "+s.Handler, func(t *testing.T) {
				c := newContractShop(t, db)
				c.late = s.Handler
				c.travel("late "+s.Handler, c.runOnce)
				got, want := c.finalState("late "+s.Handler), maps.Clone(want)
				for _, overtaken := range mayDiffer[s.Handler] {
					delete(got, overtaken)
					delete(want, overtaken)
				}
				if diff := gocmp.Diff(want, got); diff != "" {
					t.Errorf("run late, it leads to another state:\n%s", diff)
				}
			})
		}
	})
}

// mayDiffer names what a late handler rightly finds overtaken by events.
var mayDiffer = map[string][]string{
	"notification.SendConfirmationOnOrderCreated": {"sold out mails"},           // the cancellation was told already
	"stock.UpdateStockOnOrderCreated":             {"cancelled at once events"}, // the release came first: nothing to reserve
}

// everyHandlerWasReached fails the test for a handler that had nothing to do.
func (c *contractShop) everyHandlerWasReached() {
	c.t.Helper()
	for _, s := range c.events.Subscriptions() {
		if len(c.ids("SELECT event_id, handler FROM deliveries WHERE handler = ?", s.Handler)) == 0 {
			c.t.Errorf("no journey reaches %s: add one to contract_journeys_test.go", s.Handler)
		}
	}
}

// everyHandlerAgain runs each delivery a second time through the worker, and then many
// times past the ledger's guard, which would keep the handler from being asked at all.
func (c *contractShop) everyHandlerAgain() {
	c.t.Helper()
	for _, id := range c.ids("SELECT event_id, handler FROM deliveries ORDER BY event_id, handler") {
		c.exec(`UPDATE deliveries SET state = 'pending', due_at = 1, attempts = 0, settled_at = NULL
			WHERE event_id = ? AND handler = ?`, id.EventID, id.Handler)
		c.runOnce(id)
		c.unguarded(id)
	}
	c.pump(c.runOnce)
}

// runOnce hands a delivery to the worker.
func (c *contractShop) runOnce(id delivery.ID) {
	c.t.Helper()
	if err := c.process(id); err != nil {
		c.t.Fatalf("%s: %v (%s)", id.Handler, err, c.story(id))
	}
}

// runSideBySide runs a delivery's handler many times at once, half of them past the
// ledger's guard.
func (c *contractShop) runSideBySide(id delivery.ID) {
	c.t.Helper()
	barrier := make(chan struct{})
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() { <-barrier; c.unguarded(id) })
		running.Go(func() { <-barrier; _ = c.process(id) }) // done, or asked to come back
	}
	close(barrier)
	running.Wait()
	if state := c.text("SELECT state FROM deliveries WHERE event_id = ? AND handler = ?", id.EventID, id.Handler); state != "done" {
		c.runOnce(id)
	}
}

// finalState is how the journeys ended, without ids.
type finalState map[string]string

func (c *contractShop) finalState(run string) finalState {
	c.t.Helper()
	state := finalState{}
	for journey, id := range c.orders {
		if !strings.HasPrefix(journey, run+"/") {
			continue
		}
		name := strings.TrimPrefix(journey, run+"/")
		state[name+" order"] = c.text("SELECT status || ' ' || reason FROM orders WHERE id = ?", id)
		state[name+" payments"] = c.list("SELECT status FROM payments WHERE order_id = ? ORDER BY attempt", id)
		state[name+" charges"] = c.list(`SELECT outcome FROM simulator_charges
			JOIN payments ON payments.id = simulator_charges.key WHERE order_id = ? ORDER BY attempt`, id)
		state[name+" refunds"] = c.text(`SELECT COUNT(*) FROM simulator_refunds
			JOIN payments ON payments.id = simulator_refunds.charge_key WHERE order_id = ?`, id)
		state[name+" reservation"] = c.text("SELECT state FROM reservations WHERE order_id = ?", id)
		state[name+" editions"] = c.text("SELECT COUNT(*) FROM editions WHERE order_id = ?", id)
		state[name+" mails"] = c.list("SELECT template FROM mails WHERE order_id = ? ORDER BY template", id)
		events := strings.Fields(c.list("SELECT type FROM events WHERE correlation_id = ?", id))
		slices.Sort(events)
		state[name+" events"] = strings.Join(events, " ")
	}
	state["held is reserved"] = c.text(`SELECT COUNT(*) FROM skus WHERE reserved <> (SELECT COALESCE(SUM(quantity), 0)
		FROM reservation_lines l JOIN reservations r ON r.order_id = l.order_id WHERE l.sku = skus.sku AND r.state = 'held')`)
	state["sold is owned"] = c.text(`SELECT COUNT(*) FROM skus WHERE sold <> (SELECT COUNT(*)
		FROM editions WHERE editions.sku = skus.sku AND order_id IS NOT NULL)`)
	return state
}

func (c *contractShop) list(sql string, args ...any) string {
	c.t.Helper()
	var values []string
	if err := c.db.Conn(c.t.Context()).Raw(sql, args...).Scan(&values).Error; err != nil {
		c.t.Fatal(err)
	}
	return strings.Join(values, " ")
}

func (c *contractShop) text(sql string, args ...any) string {
	c.t.Helper()
	value, _, _ := strings.Cut(c.list(sql, args...), "\n")
	return value
}

func (c *contractShop) ids(sql string, args ...any) []delivery.ID {
	c.t.Helper()
	var rows []struct{ EventID, Handler string }
	if err := c.db.Conn(c.t.Context()).Raw(sql, args...).Scan(&rows).Error; err != nil {
		c.t.Fatal(err)
	}
	ids := make([]delivery.ID, len(rows))
	for i, row := range rows {
		ids[i] = delivery.ID{EventID: row.EventID, Handler: row.Handler}
	}
	slices.SortStableFunc(ids, func(a, b delivery.ID) int { return cmp.Compare(a.EventID, b.EventID) })
	return ids
}

func (c *contractShop) exec(sql string, args ...any) {
	c.t.Helper()
	if err := c.db.Direct(c.t.Context()).Exec(sql, args...).Error; err != nil {
		c.t.Fatal(fmt.Errorf("%s: %w", sql, err))
	}
}
