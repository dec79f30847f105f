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
	switch random.IntN(14) {
	case 0:
		o.RequestPayment(id, now)
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
	case 10:
		return fmt.Sprint("returned ", id, o.PaymentReturned(id))
	case 11:
		return fmt.Sprint("ship ", o.Ship(tracking(t, "RR123456785NL")))
	case 12:
		return fmt.Sprint("received ", id, o.PaymentReceived(id))
	default:
		if random.IntN(4) > 0 { // or there would be little else
			return "nothing"
		}
		return fmt.Sprint("cancel by staff ", o.CancelByStaff())
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
	sold := isSold(after)
	open := count[order.PaymentUnresolved] + count[order.PaymentGivenUp]
	switch {
	case open > 1:
		return "two payments are open at the provider"
	case kept > 1:
		return "two payments were taken"
	case kept == 1 && open > 0:
		return "a payment is asked for beside one that was taken"
	case count[order.PaymentWaiting] > 1:
		return "two payments wait"
	case (count[order.PaymentWaiting] == 1) != (count[order.PaymentGivenUp] == 1) && after.Status != order.Cancelled:
		return "a payment waits for nothing, or was given up for nothing"
	case count[order.PaymentWaiting] > 0 && after.Status == order.Cancelled:
		return "a payment of a cancelled order waits"
	case sold != (kept == 1) && after.Status != order.Cancelled:
		return "sold is not the same as paid"
	case after.Status == order.Cancelled && count[order.PaymentApproved] > 0:
		return "the money of a cancelled order is kept"
	case (after.Status == order.Cancelled) != (after.Reason != ""):
		return "cancelled without a reason, or the other way round"
	case before.Status == order.Cancelled && after.Status != order.Cancelled:
		return "a cancelled order came back"
	case isSold(before) && after.Status == order.Cancelled:
		return "a sold order was cancelled"
	case after.Status == order.Shipped && before.Status != order.Shipped && count[order.PaymentApproved] != 1:
		return "shipped without being paid"
	}
	return ""
}

func isSold(s domain.Snapshot) bool {
	return s.Status == order.Paid || s.Status == order.Confirmed || s.Status == order.Shipped
}
