package e2e_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"
)

// ledger counts what the shop has stored and published of anything.
type ledger struct{ Orders, Payments, Events, Deliveries, Reservations, Mails, Tasks int }

func (s *shop) ledger() ledger {
	s.t.Helper()
	return ledger{
		Orders:       s.count("SELECT COUNT(*) FROM orders"),
		Payments:     s.count("SELECT COUNT(*) FROM payments"),
		Events:       s.count("SELECT COUNT(*) FROM events"),
		Deliveries:   s.count("SELECT COUNT(*) FROM deliveries"),
		Reservations: s.count("SELECT COUNT(*) FROM reservations"),
		Mails:        s.count("SELECT COUNT(*) FROM mailbox"),
		Tasks:        len(s.tasks()),
	}
}

// tasks lists the tasks in Redis, of all queues and states.
func (s *shop) tasks() (all []*asynq.TaskInfo) {
	s.t.Helper()
	inspector := s.inspector()
	queues, err := inspector.Queues()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, queue := range queues {
		for _, list := range []func(string, ...asynq.ListOption) ([]*asynq.TaskInfo, error){
			inspector.ListPendingTasks, inspector.ListActiveTasks, inspector.ListScheduledTasks,
			inspector.ListRetryTasks, inspector.ListArchivedTasks, inspector.ListCompletedTasks,
		} {
			tasks, err := list(queue, asynq.PageSize(1000))
			if err != nil {
				s.t.Fatal(err)
			}
			all = append(all, tasks...)
		}
	}
	return all
}

// A command that fails publishes nothing: no event, no delivery, no task.
func TestACommandThatFailsPublishesNothing(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		sold, declined := s.order("TIDE-01-M", 1, cardApproved), s.order("TIDE-01-M", 1, cardDeclined)
		s.awaitStatus(sold, "confirmed")
		s.awaitDeclined(declined)
		s.awaitQuiet()
		before := s.ledger()

		unknown := orderBody("TIDE-01-M", 1, cardApproved)
		unknown["lines"] = []map[string]any{{"sku": "TIDE-01-M", "quantity": 1}, {"sku": "NOBODY-01-M", "quantity": 1}}
		s.request(http.MethodPost, "/api/v1/orders", unknown, http.StatusUnprocessableEntity)
		s.request(http.MethodPost, "/api/v1/orders/"+sold.Token+"/payments", map[string]any{"card": cardApproved}, http.StatusConflict)
		s.request(http.MethodPost, "/api/v1/orders/"+sold.Token+"/cancellation", nil, http.StatusConflict)
		s.request(http.MethodPost, "/api/v1/staff/orders/"+declined.ID+"/refund", nil, http.StatusConflict)
		s.request(http.MethodPost, "/api/v1/staff/orders/nobody/refund", nil, http.StatusNotFound)

		if diff := cmp.Diff(before, s.ledger()); diff != "" {
			t.Errorf("something was stored or published: %s", diff)
		}
	})
}

// A handler that changed its aggregate, recorded the event and then failed publishes
// nothing either, in any of its attempts.
func TestAHandlerThatIsRolledBackPublishesNothing(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		s.fail(reserveHandler, "after_effect", -1)
		p := s.order("TIDE-01-M", 1, cardApproved)
		s.awaitDelivery(p, reserveHandler, "dead") // each of four attempts held the copy and recorded StockReserved
		if reserved := s.count(`SELECT COUNT(*) FROM events WHERE type = 'stock.StockReserved'`); reserved != 0 {
			t.Errorf("%d events of a handler that was rolled back", reserved)
		}
		if rows := s.deliveries(p, "order.RequestPaymentOnStockReserved"); len(rows) != 0 {
			t.Errorf("deliveries of it: %+v", rows)
		}
		if rows := s.count(`SELECT COUNT(*) FROM reservations`) + s.count(`SELECT reserved FROM skus WHERE sku = 'TIDE-01-M'`); rows != 0 {
			t.Error("its effect is there")
		}
		for _, task := range s.tasks() {
			if strings.HasPrefix(task.Type, "order.RequestPayment") {
				t.Errorf("task of it: %s", task.ID)
			}
		}
		if v := s.view(p); v.Status != "placed" || len(v.Payments) != 0 {
			t.Errorf("order %+v", v)
		}
		s.fail(reserveHandler, "after_effect", 0)
		if o := s.command("failed", "retry", "--all"); o.status != 0 {
			t.Fatalf("failed retry --all: %s", o)
		}
		s.awaitStatus(p, "confirmed")
	})
}

// A transaction whose COMMIT fails, when all was done but that, publishes nothing: not an
// order's, nor a handler's.
func TestACommitThatFailsPublishesNothing(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		before := s.ledger()
		mend := s.breakCommitsOf("order.OrderCreated")
		s.request(http.MethodPost, "/api/v1/orders", orderBody("TIDE-01-M", 1, cardApproved), http.StatusInternalServerError)
		mend()
		if diff := cmp.Diff(before, s.ledger()); diff != "" {
			t.Errorf("something was stored or published: %s", diff)
		}

		mend = s.breakCommitsOf("stock.StockReserved")
		p := s.order("TIDE-01-M", 1, cardApproved)
		await(t, "a commit to have failed", func() error {
			if rows := s.deliveries(p, reserveHandler); len(rows) != 1 || len(s.attempts(rows[0])) == 0 {
				return errNotYet
			}
			return nil
		})
		if left := s.count(`SELECT COUNT(*) FROM events WHERE type = 'stock.StockReserved'`) + s.count(`SELECT COUNT(*) FROM reservations`); left != 0 {
			t.Errorf("%d rows of a handler whose commit failed", left)
		}
		mend()
		s.awaitStatus(p, "confirmed")
	})
}

// breakCommitsOf makes the database refuse, at its COMMIT, each transaction that stores an
// event of a type, until mend is called.
func (s *shop) breakCommitsOf(eventType string) (mend func()) {
	s.t.Helper()
	exec := func(statements ...string) {
		for _, statement := range statements {
			if err := s.db.Direct(context.Background()).Exec(statement).Error; err != nil {
				s.t.Fatal(err)
			}
		}
	}
	// A reference to nothing, which is checked at the end of the transaction.
	exec(`CREATE TABLE refused (order_id TEXT REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED)`)
	if s.embedded {
		exec(`CREATE TRIGGER refuse AFTER INSERT ON events WHEN NEW.type = '` + eventType + `'
			BEGIN INSERT INTO refused VALUES ('nobody'); END`)
		return func() { exec(`DROP TRIGGER refuse`, `DROP TABLE refused`) }
	}
	exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
			AS 'BEGIN INSERT INTO refused VALUES (''nobody''); RETURN NULL; END'`,
		`CREATE TRIGGER refuse AFTER INSERT ON events FOR EACH ROW WHEN (NEW.type = '`+eventType+`') EXECUTE FUNCTION refuse()`)
	return func() { exec(`DROP TRIGGER refuse ON events`, `DROP FUNCTION refuse`, `DROP TABLE refused`) }
}
