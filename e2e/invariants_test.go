package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// law is something that is true of the shop's database at every moment. Its SQL finds what
// breaks it, a line of text each; being one statement, it sees one moment.
type law struct{ says, broken string }

// idle picks the orders whose whole conversation is done, but for what is due later.
const idle = `NOT EXISTS (SELECT 1 FROM deliveries d JOIN events e ON e.id = d.event_id
	WHERE e.correlation_id = o.id AND d.state <> 'done' AND (d.state <> 'pending' OR d.handler <> 'order.CancelUnpaidOrderOnOrderCreated'))`

// laws is the shop's promise, for SQL.
var laws = []law{
	{
		"every order is in exactly one state",
		`SELECT o.id || ' is ' || o.status || ' with ' || COUNT(e.id) || ' endings' FROM orders o
			LEFT JOIN events e ON e.aggregate_id = o.id AND e.type IN ('order.OrderConfirmed', 'order.OrderCancelled')
			GROUP BY o.id, o.status
			HAVING COUNT(e.id) <> CASE WHEN o.status IN ('confirmed', 'shipped', 'refunded', 'cancelled') THEN 1 ELSE 0 END
				OR COUNT(CASE WHEN e.type = 'order.OrderCancelled' THEN 1 END) <> CASE WHEN o.status = 'cancelled' THEN 1 ELSE 0 END`,
	},
	{
		"the order and its stock agree once all is done",
		`SELECT o.id || ' is ' || o.status || ', its stock ' || COALESCE(r.state, 'unknown') FROM orders o
			LEFT JOIN reservations r ON r.order_id = o.id
			WHERE ` + idle + ` AND NOT (
				(o.status = 'reserved' AND COALESCE(r.state, '') = 'held') OR
				(o.status IN ('confirmed', 'shipped') AND COALESCE(r.state, '') = 'committed') OR
				(o.status = 'refunded' AND COALESCE(r.state, '') = 'returned') OR
				(o.status = 'cancelled' AND COALESCE(r.state, '') IN ('released', 'rejected')))`,
	},
	{
		"every event has a delivery for each subscriber",
		`SELECT e.type || ' ' || e.id || ' for ' || s.handler FROM events e JOIN subscriptions s ON s.event_type = e.type
			WHERE NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event_id = e.id AND d.handler = s.handler)`,
	},
	{
		"every delivery is of an event that its handler subscribes to",
		`SELECT e.type || ' ' || e.id || ' for ' || d.handler FROM deliveries d JOIN events e ON e.id = d.event_id
			WHERE NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.event_type = e.type AND s.handler = d.handler)`,
	},
	{
		"every task was of a delivery",
		`SELECT task_id || ' ' || reason FROM parked_tasks`,
	},
	{
		"a delivery took effect once if it is done, and else never",
		`SELECT d.handler || ' of ' || d.event_id || ' is ' || d.state || ', done ' || COUNT(a.id) || ' times' FROM deliveries d
			LEFT JOIN delivery_attempts a ON a.event_id = d.event_id AND a.handler = d.handler AND a.outcome = 'done'
			GROUP BY d.event_id, d.handler, d.state HAVING COUNT(a.id) <> CASE d.state WHEN 'done' THEN 1 ELSE 0 END`,
	},
	{
		"an aggregate's events are numbered without a gap",
		`SELECT aggregate || ' ' || aggregate_id || ': ' || COUNT(*) || ' events up to ' || MAX(aggregate_version) FROM events
			GROUP BY aggregate, aggregate_id
			HAVING MIN(aggregate_version) <> 1 OR MAX(aggregate_version) <> COUNT(*)`,
	},
	{
		"an aggregate's version counts its events",
		`SELECT x.kind || ' ' || x.id || ' is at ' || x.version || ' with ' || COUNT(e.id) || ' events' FROM
			(SELECT 'order.Order' AS kind, id, version FROM orders
				UNION ALL SELECT 'stock.Reservation', order_id, version FROM reservations
				UNION ALL SELECT 'stock.Item', sku, version FROM skus) x
			LEFT JOIN events e ON e.aggregate = x.kind AND e.aggregate_id = x.id
			GROUP BY x.kind, x.id, x.version HAVING x.version <> COUNT(e.id)`,
	},
	{
		"what an event causes is of the same conversation, and later",
		`SELECT e.type || ' ' || e.id FROM events e JOIN events cause ON cause.id = e.causation_id
			WHERE e.correlation_id <> cause.correlation_id OR e.id <= cause.id`,
	},
	{
		"what is held is what is reserved",
		`SELECT s.sku || ': ' || s.reserved || ' reserved, ' || COALESCE(SUM(l.quantity), 0) || ' held' FROM skus s
			LEFT JOIN (reservation_lines l JOIN reservations r ON r.order_id = l.order_id AND r.state = 'held') ON l.sku = s.sku
			GROUP BY s.sku, s.reserved HAVING s.reserved <> COALESCE(SUM(l.quantity), 0)`,
	},
	{
		"what is on hand and what is sold fit the edition, and stock is never negative",
		`SELECT sku || ': ' || on_hand || ' on hand, ' || reserved || ' reserved, ' || sold || ' sold of ' || edition_size FROM skus
			WHERE on_hand + sold > edition_size OR reserved > on_hand OR reserved < 0 OR sold < 0`,
	},
	{
		"the numbers issued are 1 to n",
		`SELECT s.sku || ': ' || s.issued || ' issued, ' || COUNT(e.number) || ' numbers up to ' || COALESCE(MAX(e.number), 0) FROM skus s
			LEFT JOIN editions e ON e.sku = s.sku GROUP BY s.sku, s.issued
			HAVING s.issued <> COUNT(e.number) OR s.issued <> COALESCE(MAX(e.number), 0)`,
	},
	{
		"every number that is sold has an owner",
		`SELECT s.sku || ': ' || s.sold || ' sold, ' || COUNT(e.order_id) || ' owned' FROM skus s
			LEFT JOIN editions e ON e.sku = s.sku GROUP BY s.sku, s.sold HAVING s.sold <> COUNT(e.order_id)`,
	},
	{
		"an order owns as many numbers as it bought copies",
		`SELECT l.order_id || ' bought ' || l.quantity || ' of ' || l.sku || ', owns ' || COUNT(e.number) FROM reservation_lines l
			JOIN reservations r ON r.order_id = l.order_id
			LEFT JOIN editions e ON e.order_id = l.order_id AND e.sku = l.sku
			GROUP BY l.order_id, l.sku, l.quantity, r.state
			HAVING COUNT(e.number) <> CASE r.state WHEN 'committed' THEN l.quantity ELSE 0 END`,
	},
	{
		"an order keeps at most one payment",
		`SELECT order_id || ' keeps ' || COUNT(*) FROM payments WHERE status IN ('approved', 'refund_requested')
			GROUP BY order_id HAVING COUNT(*) > 1`,
	},
	{
		"the provider took money for an order at most once and gave it back at most once",
		`SELECT p.order_id || ' was charged ' || COUNT(DISTINCT c.key) || ' times, refunded ' || COUNT(r.key) FROM simulator_charges c
			JOIN payments p ON p.id = c.key LEFT JOIN simulator_refunds r ON r.charge_key = c.key
			WHERE c.outcome = 'approved' GROUP BY p.order_id
			HAVING COUNT(DISTINCT c.key) - COUNT(DISTINCT r.charge_key) > 1 OR COUNT(r.key) > COUNT(DISTINCT c.key)`,
	},
	{
		"the provider took an order's total, and for the shop's orders only",
		`SELECT c.key || ': ' || c.amount_minor || ' ' || c.currency FROM simulator_charges c
			LEFT JOIN payments p ON p.id = c.key LEFT JOIN orders o ON o.id = p.order_id
			WHERE o.id IS NULL OR (c.outcome = 'approved' AND (c.amount_minor <> o.total_minor OR c.currency <> o.currency))`,
	},
	{
		"the provider keeps the money of what is sold, and of nothing else, once all is done",
		`SELECT o.id || ' is ' || o.status || ', the provider keeps ' || COUNT(c.key) FROM orders o
			LEFT JOIN payments p ON p.order_id = o.id
			LEFT JOIN simulator_charges c ON c.key = p.id AND c.outcome = 'approved'
				AND NOT EXISTS (SELECT 1 FROM simulator_refunds r WHERE r.charge_key = c.key)
			WHERE ` + idle + ` GROUP BY o.id, o.status
			HAVING COUNT(c.key) <> CASE WHEN o.status IN ('confirmed', 'shipped') THEN 1 ELSE 0 END`,
	},
	{
		"a customer gets each mail once",
		`SELECT m.order_id || ' got ' || COUNT(*) || ' mails ' || m.template FROM mailbox m WHERE m.order_id <> ''
			GROUP BY m.order_id, m.template HAVING COUNT(*) > CASE m.template
				WHEN 'another-card' THEN (SELECT COUNT(*) FROM events e WHERE e.aggregate_id = m.order_id AND e.type = 'order.PaymentDeclined')
				WHEN 'refund-notice' THEN (SELECT COUNT(*) FROM events e WHERE e.aggregate_id = m.order_id AND e.type = 'order.PaymentRefunded')
				ELSE 1 END`,
	},
	{
		"what is remembered as sent was sent",
		`SELECT id FROM mails WHERE NOT EXISTS (SELECT 1 FROM mailbox WHERE message_id = mails.id)`,
	},
	{
		"a customer is told how the order ended once all is done",
		`SELECT o.id || ' is ' || o.status || ' without a mail' FROM orders o WHERE ` + idle + `
			AND o.status IN ('confirmed', 'cancelled', 'refunded')
			AND NOT EXISTS (SELECT 1 FROM mailbox b JOIN mails m ON m.id = b.message_id WHERE b.order_id = o.id
				AND b.template = CASE o.status WHEN 'confirmed' THEN 'receipt' WHEN 'cancelled' THEN 'cancellation' ELSE 'refund-notice' END)`,
	},
}

// brokenLaws lists what breaks the laws in a database, a line each.
func brokenLaws(db *gorm.DB) ([]string, error) {
	var broken []string
	for _, l := range laws {
		var found []string
		if err := db.Raw(l.broken).Scan(&found).Error; err != nil {
			return nil, fmt.Errorf("%s: %w", l.says, err)
		}
		for _, line := range found {
			broken = append(broken, l.says+": "+line)
		}
	}
	return broken, nil
}

// checkInvariants waits until nothing that is due is pending, and then holds the database
// and Redis to their laws. The shop must be running.
func (s *shop) checkInvariants() {
	s.t.Helper()
	s.awaitQuiet()
	broken, err := brokenLaws(s.db.Conn(context.Background()))
	if err != nil {
		s.t.Fatal(err)
	}
	if len(broken) > 0 {
		s.t.Errorf("broken:\n%s", strings.Join(broken, "\n"))
	}
	s.awaitNoStrayArchive()
}

// awaitQuiet waits until nothing that is due is pending.
func (s *shop) awaitQuiet() {
	s.t.Helper()
	await(s.t, "everything due to be settled", func() error {
		var due []string
		s.rows(&due, `SELECT handler || ' of ' || event_id FROM deliveries WHERE state = 'pending' AND due_at <= `+s.db.Now())
		if len(due) > 0 {
			return fmt.Errorf("%d are due: %s", len(due), strings.Join(due[:min(len(due), 10)], ", "))
		}
		return nil
	})
}

// awaitNoStrayArchive waits until every task in Asynq's archive has a dead row. The
// reconciler sweeps what was retried or removed out of it, every 15 s.
func (s *shop) awaitNoStrayArchive() {
	s.t.Helper()
	await(s.t, "archived tasks to be dead ones only", func() error {
		var dead []string
		s.rows(&dead, `SELECT event_id || ':' || handler || ':' || generation FROM deliveries WHERE state = 'dead'`)
		for _, task := range s.archived() {
			if !slices.Contains(dead, task.ID) {
				return fmt.Errorf("task %s is archived and not dead", task.ID)
			}
			if !json.Valid(task.Payload) {
				return fmt.Errorf("task %s has the payload %q", task.ID, task.Payload)
			}
		}
		return nil
	})
}
