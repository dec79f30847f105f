package e2e_test

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// damage breaks one law on purpose. What the database itself refuses cannot be seen by the
// law, and need not.
var damage = map[string]struct {
	sql     string
	refused bool
}{
	"every order is in exactly one state": {
		sql: `UPDATE orders SET status = 'cancelled', reason = 'unpaid' WHERE status = 'confirmed'`},
	"the order and its stock agree once all is done": {
		sql: `UPDATE orders SET status = 'placed' WHERE status = 'reserved'`},
	"every event has a delivery for each subscriber": {
		sql: `DELETE FROM deliveries WHERE handler = 'order.ConfirmOrderOnEditionsNumbered'`},
	"every delivery is of an event that its handler subscribes to": {
		sql: `UPDATE subscriptions SET event_type = 'order.Unheard' WHERE handler = 'order.ConfirmOrderOnEditionsNumbered'`},
	"every task was of a delivery": {
		sql: `INSERT INTO parked_tasks (task_id, queue, type, payload, reason, parked_at) VALUES ('x', 'low', 'x', 'x', 'x', 1)`},
	"a delivery took effect once if it is done, and else never": {
		sql: `UPDATE deliveries SET state = 'dead' WHERE handler = 'order.ConfirmOrderOnEditionsNumbered'`},
	"an aggregate's events are numbered without a gap": {
		sql: `UPDATE events SET aggregate_version = 99 WHERE type = 'order.OrderConfirmed'`},
	"an aggregate's version counts its events": {
		sql: `UPDATE orders SET version = version + 1`},
	"what an event causes is of the same conversation, and later": {
		sql: `UPDATE events SET correlation_id = 'another' WHERE type = 'order.OrderConfirmed'`},
	"what is held is what is reserved": {
		sql: `UPDATE skus SET reserved = reserved + 1 WHERE sku = 'TIDE-01-M'`},
	"what is on hand and what is sold fit the edition, and stock is never negative": {
		sql: `UPDATE skus SET on_hand = edition_size WHERE sku = 'TIDE-01-M'`, refused: true},
	"the numbers issued are 1 to n": {
		sql: `UPDATE editions SET number = 7 WHERE number = 2`},
	"every number that is sold has an owner": {
		sql: `UPDATE editions SET order_id = NULL WHERE number = 2`},
	"an order owns as many numbers as it bought copies": {
		sql: `UPDATE reservation_lines SET quantity = quantity + 1`},
	"an order keeps at most one payment": {
		sql:     `INSERT INTO payments SELECT 'again', order_id, 99, status, card_token FROM payments WHERE status = 'approved'`,
		refused: true},
	"the provider took money for an order at most once and gave it back at most once": {
		sql: `UPDATE simulator_charges SET outcome = 'approved';
			UPDATE payments SET attempt = 99, order_id = (SELECT id FROM orders WHERE status = 'confirmed') WHERE status = 'declined'`},
	"the provider took an order's total, and for the shop's orders only": {
		sql: `UPDATE simulator_charges SET amount_minor = amount_minor + 1 WHERE outcome = 'approved'`},
	"the provider keeps the money of what is sold, and of nothing else, once all is done": {
		sql: `UPDATE simulator_charges SET outcome = 'declined'`},
	"a customer gets each mail once": {
		sql: `INSERT INTO mailbox SELECT 'another id', order_id, template, recipient, subject, body, copies, received_at
			FROM mailbox WHERE template = 'another-card'`},
	"what is remembered as sent was sent": {
		sql: `DELETE FROM mailbox WHERE template = 'receipt'`},
	"a customer is told how the order ended once all is done": {
		sql: `DELETE FROM mails WHERE template = 'receipt'`},
}

// A checker that cannot fail proves nothing: each law is broken once, in a transaction that
// is then rolled back, and must be the one that says so.
func TestEveryInvariantCanFail(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		s.awaitStatus(s.order("TIDE-01-M", 3, cardApproved), "confirmed")
		s.awaitDeclined(s.order("TIDE-01-M", 1, cardDeclined))
		s.awaitQuiet()
		for _, l := range laws {
			breaking, ok := damage[l.says]
			if !ok {
				t.Errorf("nothing breaks the law %q", l.says)
				continue
			}
			tx := s.db.Direct(context.Background()).Begin()
			var err error
			for statement := range strings.SplitSeq(breaking.sql, ";") {
				if err == nil {
					err = tx.Exec(statement).Error
				}
			}
			var broken []string
			if err == nil {
				broken, err = brokenLaws(tx)
			}
			if undo := tx.Rollback().Error; undo != nil {
				t.Fatal(undo)
			}
			switch seen := slices.ContainsFunc(broken, func(line string) bool { return strings.HasPrefix(line, l.says+": ") }); {
			case breaking.refused && err == nil:
				t.Errorf("the database let this happen: %s", breaking.sql)
			case !breaking.refused && err != nil:
				t.Errorf("%s: %v", l.says, err)
			case !breaking.refused && !seen:
				t.Errorf("the law %q was broken and does not say so; broken: %q", l.says, broken)
			}
		}
	})
}
