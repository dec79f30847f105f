package domain_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"tirage/internal/order"
	"tirage/internal/order/domain"
)

// TestAnyHistory lets everything happen to orders in any order, as deliveries that come
// late, twice or swapped may, and checks after each step what must always hold.
func TestAnyHistory(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 0))
		o := placed(t)
		var history []string
		for range 25 {
			before := o.Snapshot()
			o.ReleaseEvents()
			history = append(history, step(t, o, random))
			if problem := check(before, o); problem != "" {
				t.Fatalf("seed %d: %s, after %v", seed, problem, history)
			}
		}
	}
}

// step does one thing to an order, and says what.
func step(t *testing.T, o *domain.Order, random *rand.Rand) string {
	t.Helper()
	id := order.PaymentID(fmt.Sprintf("p%d", 1+random.IntN(4)))
	now := placedAt.Add(time.Duration(random.IntN(40)) * time.Minute)
	switch random.IntN(11) {
	case 0:
		o.RequestPayment(id)
		return "request " + string(id)
	case 1, 2:
		return fmt.Sprint("pay again ", id, o.PayAgain(id, card(t, "tok"), now))
	case 3:
		return fmt.Sprint("received ", id, o.PaymentReceived(id))
	case 4, 5:
		return fmt.Sprint("declined ", id, o.PaymentDeclined(id, now))
	case 6:
		return fmt.Sprint("cancel unpaid ", o.CancelUnpaid(now))
	case 7:
		return fmt.Sprint("cancel ", o.Cancel())
	case 8:
		o.CancelBecauseSoldOut()
		o.Confirm()
		return "sold out, confirm"
	case 9:
		return fmt.Sprint("refund ", o.Refund())
	default:
		return fmt.Sprint("returned ", id, o.PaymentReturned(id))
	}
}

// check says which rule the last step broke.
func check(before domain.Snapshot, o *domain.Order) string {
	after := o.Snapshot()
	versionAside := after
	versionAside.Version = before.Version
	changed := !reflect.DeepEqual(before, versionAside)
	if changed != (len(o.Recorded()) > 0) {
		return fmt.Sprintf("changed is %t, but %d events were recorded", changed, len(o.Recorded()))
	}
	if after.Version != before.Version+len(o.Recorded()) {
		return "the version does not count the events"
	}
	count := map[order.PaymentStatus]int{}
	for _, p := range after.Payments {
		count[p.Status]++
	}
	kept := count[order.PaymentApproved] + count[order.PaymentReturning]
	sold := after.Status == order.Paid || after.Status == order.Confirmed
	switch {
	case count[order.PaymentUnresolved] > 1:
		return "two payments are unresolved"
	case kept > 1:
		return "two payments were taken"
	case kept == 1 && count[order.PaymentUnresolved] > 0:
		return "a payment is asked for beside one that was taken"
	case sold != (kept == 1) && after.Status != order.Cancelled:
		return "sold is not the same as paid"
	case after.Status == order.Cancelled && count[order.PaymentApproved] > 0:
		return "the money of a cancelled order is kept"
	case (after.Status == order.Cancelled) != (after.Reason != ""):
		return "cancelled without a reason, or the other way round"
	case before.Status == order.Cancelled && after.Status != order.Cancelled:
		return "a cancelled order came back"
	case (before.Status == order.Paid || before.Status == order.Confirmed) && after.Status == order.Cancelled:
		return "a sold order was cancelled"
	}
	return ""
}
