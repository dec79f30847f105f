package e2e_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"

	"tirage/internal/platform/bus"
)

const twins = 20 // of one task, beside it

// The tasks of an order's reservation and of its mail stand in Redis twenty-one times each
// when the workers begin. Each takes effect once; the rest find nothing to do and hold
// nothing up: they are more than there are connections to the database.
func TestATaskDeliveredTwentyTimesAtOnceTakesEffectOnce(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		s.fail(reserveHandler, "slow", -1) // so that the others come while one is at work
		s.pause(bus.Critical, bus.Default)
		p := s.order("TIDE-01-M", 2, cardApproved)
		s.copyTask(s.awaitDelivery(p, reserveHandler, "pending"), twins)
		s.copyTask(s.awaitDelivery(p, confirmationHandler, "pending"), twins)
		s.resume(bus.Critical, bus.Default)

		s.awaitStatus(p, "confirmed")
		s.awaitQuiet()
		s.wantOneRun(p, reserveHandler)
		s.wantOneRun(p, confirmationHandler)
		s.wantOneCharge(p, 1)
		if left := s.offer("TIDE-01-M").Available; left != 48 {
			t.Errorf("%d of 50 are left after two were sold", left)
		}
		s.wantMails(p, "confirmation", "receipt")
		s.fail(reserveHandler, "slow", 0)
		s.wantNothingDrained()
	})
}

// The same of a handler whose effect is outside the database: the provider is asked once.
func TestAChargeDeliveredTwentyTimesAtOnceIsMadeOnce(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		p := s.order("TIDE-01-M", 1, cardDeclined)
		s.awaitDeclined(p)
		s.awaitQuiet()
		s.fail(chargeHandler, "slow", -1)
		s.pause(bus.Critical)
		s.pay(p, cardApproved)
		s.copyTask(s.pendingCharge(p), twins)
		s.resume(bus.Critical)

		s.awaitStatus(p, "confirmed")
		s.awaitQuiet()
		s.awaitTasksGone()
		var calls []int
		s.rows(&calls, `SELECT c.calls FROM simulator_charges c JOIN payments p ON p.id = c.key WHERE p.order_id = ? ORDER BY p.attempt`, p.ID)
		if diff := cmp.Diff([]int{1, 1}, calls); diff != "" {
			t.Errorf("calls to the provider, by payment: %s", diff)
		}
		for _, d := range s.deliveries(p, chargeHandler) {
			if diff := cmp.Diff([]string{"done"}, s.outcomes(d)); diff != "" {
				t.Errorf("attempts: %s", diff)
			}
		}
		s.wantMails(p, "confirmation", "another-card", "receipt")
		s.fail(chargeHandler, "slow", 0)
		s.wantNothingDrained()
	})
}

func (s *shop) pendingCharge(p placed) deliveryRow {
	s.t.Helper()
	for _, d := range s.deliveries(p, chargeHandler) {
		if d.State == "pending" {
			return d
		}
	}
	s.t.Fatal("no charge is pending")
	return deliveryRow{}
}

// pause makes the workers take nothing from queues until resume.
func (s *shop) pause(queues ...bus.Queue) {
	s.t.Helper()
	for _, queue := range queues {
		if err := s.inspector().PauseQueue(string(queue)); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *shop) resume(queues ...bus.Queue) {
	s.t.Helper()
	for _, queue := range queues {
		if err := s.inspector().UnpauseQueue(string(queue)); err != nil {
			s.t.Fatal(err)
		}
	}
}

// copyTask enqueues a delivery's task again, n times, under other ids.
func (s *shop) copyTask(d deliveryRow, n int) {
	s.t.Helper()
	var task *asynq.TaskInfo
	await(s.t, "task "+d.taskID(), func() (err error) {
		task, err = s.inspector().GetTaskInfo(d.Queue, d.taskID())
		return err
	})
	client := asynq.NewClientFromRedisClient(s.redis())
	for i := range n {
		_, err := client.Enqueue(asynq.NewTask(task.Type, task.Payload),
			asynq.TaskID(fmt.Sprintf("twin-%d:%s", i, task.ID)), asynq.Queue(task.Queue), asynq.MaxRetry(task.MaxRetry))
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// wantOneRun waits until every task is acknowledged, and fails the test unless a delivery
// was run once.
func (s *shop) wantOneRun(p placed, handler string) {
	s.t.Helper()
	s.awaitTasksGone()
	if diff := cmp.Diff([]string{"done"}, s.outcomes(s.awaitDelivery(p, handler, "done"))); diff != "" {
		s.t.Errorf("attempts of %s: %s", handler, diff)
	}
}

// awaitTasksGone waits until Redis holds no task.
func (s *shop) awaitTasksGone() {
	s.t.Helper()
	await(s.t, "every task to be acknowledged", func() error {
		for _, queue := range bus.Queues() {
			info, err := s.inspector().GetQueueInfo(string(queue))
			if err != nil {
				return err
			}
			if info.Size > 0 {
				return fmt.Errorf("%s: %d pending, %d active, %d to be tried again", queue, info.Pending, info.Active, info.Retry)
			}
		}
		return nil
	})
	if parked := s.count(`SELECT COUNT(*) FROM parked_tasks`); parked > 0 {
		s.t.Errorf("%d tasks were parked", parked)
	}
}

// wantNothingDrained fails the test unless no connection of the shop is left in a
// transaction and the shop sells as before.
func (s *shop) wantNothingDrained() {
	s.t.Helper()
	if !s.embedded {
		await(s.t, "no transaction to be left open", func() error {
			var open []string
			s.rows(&open, `SELECT state || ': ' || query FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`)
			if len(open) > 0 {
				return fmt.Errorf("%d are: %q", len(open), open)
			}
			return nil
		})
	}
	s.request(http.MethodGet, "/readyz", nil, http.StatusOK)
	for _, p := range s.crowd(40, s.buyOne) { // more than a pool has connections
		s.awaitStatus(p, "confirmed")
	}
}
