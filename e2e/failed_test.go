package e2e_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"
)

const numberHandler = "stock.NumberEditionsOnPaymentReceived"

// A handler that always fails is dead after four attempts: in the ledger with error and
// stack, in Asynq's archive, at the desk of `shop failed`. The event's other subscribers
// know nothing of it, and a retry by hand has a full policy of its own.
func TestAHandlerThatAlwaysFailsIsDeadAndCanBeRetried(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		s.fail(reserveHandler, "error", -1)
		p := s.order("TIDE-01-M", 1, cardApproved)
		d := s.awaitDelivery(p, reserveHandler, "dead")

		if diff := cmp.Diff([]string{"failed", "failed", "failed", "failed"}, s.outcomes(d)); diff != "" {
			t.Errorf("attempts: %s", diff)
		}
		if !strings.Contains(d.Error, "on purpose") {
			t.Errorf("the ledger's error is %q", d.Error)
		}
		for _, a := range s.attempts(d) {
			if !strings.Contains(a.Error, "on purpose") || !strings.Contains(a.Stack, "UpdateStockOnOrderCreated") {
				t.Errorf("attempt %d has error %q and stack %q", a.Attempt, a.Error, a.Stack)
			}
		}
		s.wantArchived(p, d)
		for _, other := range s.deliveries(p, "") {
			if other.Handler != reserveHandler && other.State != "done" && other.Handler != "order.CancelUnpaidOrderOnOrderCreated" {
				t.Errorf("%s is %s: another subscriber was harmed", other.Handler, other.State)
			}
		}
		s.wantMails(p, "confirmation")
		s.wantAtTheDesk(d)

		s.fail(reserveHandler, "error", 3) // so only the fourth attempt of the new policy succeeds
		if o := s.command("failed", "retry", d.name()); o.status != 0 {
			t.Fatalf("failed retry: %s", o)
		}
		s.awaitStatus(p, "confirmed")
		retried := s.awaitDelivery(p, reserveHandler, "done")
		want := []string{"failed", "failed", "failed", "failed", "failed", "failed", "failed", "done"}
		if diff := cmp.Diff(want, s.outcomes(retried)); diff != "" {
			t.Errorf("attempts: %s", diff)
		}
		if last := s.attempts(retried)[7]; last.Generation != 2 || last.Attempt != 4 {
			t.Errorf("the last attempt is number %d of generation %d", last.Attempt, last.Generation)
		}
		if o := s.command("failed", "list"); o.status != 0 || strings.Contains(o.stdout, d.EventID) {
			t.Errorf("failed list after the retry: %s", o)
		}
		s.awaitQuiet()
		s.wantMails(p, "confirmation", "receipt")
	})
}

// wantArchived fails the test unless the delivery's task is in Asynq's archive, with its
// ids and nothing personal.
func (s *shop) wantArchived(p placed, d deliveryRow) {
	s.t.Helper()
	await(s.t, "task "+d.taskID()+" to be archived", func() error {
		archived := s.archived()
		i := slices.IndexFunc(archived, func(task *asynq.TaskInfo) bool { return task.ID == d.taskID() })
		if i < 0 {
			return fmt.Errorf("%d others are", len(archived))
		}
		task := archived[i]
		if task.Type != d.Handler || task.Queue != d.Queue {
			s.t.Errorf("task %s is of type %s in queue %s", task.ID, task.Type, task.Queue)
		}
		if task.Headers["correlation_id"] != p.ID || task.Headers["causation_id"] != d.EventID {
			s.t.Errorf("task %s has the headers %v", task.ID, task.Headers)
		}
		if !strings.Contains(task.LastErr, d.name()) || strings.Contains(task.LastErr, "on purpose") {
			s.t.Errorf("Asynq keeps the error %q, want the delivery's name and nothing of the error itself", task.LastErr)
		}
		return nil
	})
}

// wantAtTheDesk fails the test unless `shop failed` lists and shows a dead delivery, for
// people and for programs.
func (s *shop) wantAtTheDesk(d deliveryRow) {
	s.t.Helper()
	list := s.command("failed", "list")
	if list.status != 0 || !strings.Contains(list.stdout, d.name()) || !strings.Contains(list.stdout, d.EventType) {
		s.t.Errorf("failed list: %s", list)
	}
	show := s.command("failed", "show", d.name())
	for _, want := range []string{"attempt 4", "on purpose", "dead", d.EventType} {
		if show.status != 0 || !strings.Contains(show.stdout, want) {
			s.t.Errorf("failed show says nothing of %q: %s", want, show)
		}
	}
	var entries []struct {
		EventID  string `json:"event_id"`
		Handler  string `json:"handler"`
		State    string `json:"state"`
		Attempts int    `json:"attempts"`
		Error    string `json:"error"`
	}
	s.commandJSON(&entries, "failed", "list", "--json")
	if len(entries) != 1 || entries[0].EventID != d.EventID || entries[0].State != "dead" || entries[0].Attempts != 4 {
		s.t.Errorf("failed list --json: %+v", entries)
	}
	var shown struct {
		Delivery struct{ Error string }
		Attempts []struct{ Error, Stack, Outcome string }
	}
	s.commandJSON(&shown, "failed", "show", "--json", d.name())
	if len(shown.Attempts) != 4 || shown.Attempts[3].Stack == "" || shown.Delivery.Error == "" {
		s.t.Errorf("failed show --json: %+v", shown)
	}
}

// commandJSON runs a command that must succeed and decodes what it printed.
func (s *shop) commandJSON(into any, arguments ...string) {
	s.t.Helper()
	o := s.command(arguments...)
	if o.status != 0 {
		s.t.Fatalf("shop %s: %s", strings.Join(arguments, " "), o)
	}
	if err := json.Unmarshal([]byte(o.stdout), into); err != nil {
		s.t.Fatalf("shop %s: %v: %s", strings.Join(arguments, " "), err, o)
	}
}

// What no retry can heal is dead after one attempt.
func TestAPermanentErrorIsDeadAfterOneAttempt(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		s.fail(confirmHandler, "permanent", 1)
		p := s.order("TIDE-01-M", 1, cardApproved)
		d := s.awaitDelivery(p, confirmHandler, "dead")
		if diff := cmp.Diff([]string{"permanent"}, s.outcomes(d)); diff != "" {
			t.Errorf("attempts: %s", diff)
		}
		s.wantArchived(p, d)
		if v := s.view(p); v.Status != "paid" {
			t.Errorf("the order is %s", v.Status)
		}
		if o := s.command("failed", "retry", "--all"); o.status != 0 {
			t.Fatalf("failed retry --all: %s", o)
		}
		s.awaitStatus(p, "confirmed")
	})
}

// What is removed stays undone, and stays in the ledger to be seen.
func TestADeadDeliveryCanBeGivenUp(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		s.fail(numberHandler, "permanent", 1)
		p := s.order("TIDE-01-M", 1, cardApproved)
		d := s.awaitDelivery(p, numberHandler, "dead")
		if o := s.command("failed", "remove", d.name()); o.status != 0 {
			t.Fatalf("failed remove: %s", o)
		}
		s.awaitDelivery(p, numberHandler, "removed")
		if o := s.command("failed", "list"); o.status != 0 || strings.Contains(o.stdout, d.EventID) {
			t.Errorf("failed list: %s", o)
		}
		if o := s.command("failed", "show", d.name()); o.status != 0 || !strings.Contains(o.stdout, "removed") {
			t.Errorf("failed show: %s", o)
		}
		for _, again := range []string{"retry", "remove"} {
			if o := s.command("failed", again, d.name()); o.status != 1 || !strings.Contains(o.stderr, "not dead") {
				t.Errorf("failed %s of what is removed: %s", again, o)
			}
		}
		if v := s.view(p); v.Status != "paid" || len(v.Editions) != 0 {
			t.Errorf("order %+v", v)
		}
	})
}

// Mistakes at the desk are told in one line, and change nothing.
func TestTheDeskRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		for _, mistake := range []struct {
			arguments []string
			status    int
			says      string
		}{
			{[]string{"failed", "retry", "nonsense"}, 2, "event:handler"},
			{[]string{"failed", "show", "nonsense"}, 2, "event:handler"},
			{[]string{"failed", "retry"}, 2, "--all"},
			{[]string{"failed", "retry", "--all", "a:b"}, 2, "--all"},
			{[]string{"failed", "retry", "a:b"}, 1, "no such delivery"},
			{[]string{"failed", "remove", "a:b"}, 1, "no such delivery"},
			{[]string{"failed", "show", "a:b"}, 1, "no such delivery"},
		} {
			o := s.command(mistake.arguments...)
			if o.status != mistake.status || !strings.Contains(o.stderr, mistake.says) || strings.Count(o.stderr, "\n") != 1 {
				t.Errorf("shop %s: want status %d and %q in one line, have %s", strings.Join(mistake.arguments, " "), mistake.status, mistake.says, o)
			}
		}
		if o := s.command("failed", "list"); o.status != 0 || !strings.Contains(o.stdout, "No delivery is dead") {
			t.Errorf("failed list: %s", o)
		}
	})
}
