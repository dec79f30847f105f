package e2e_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
)

// 200 customers want one of 50 copies at the same moment: 50 get the numbers 1 to 50, and
// 150 are told why not.
func TestTwoHundredBuyersForAnEditionOfFifty(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		const sku, edition, buyers = "TIDE-01-M", 50, 200
		s := openShop(t, b)
		orders := s.crowd(buyers, func(int) (placed, error) { return s.tryPlace(orderBody(sku, 1, cardApproved)) })
		await(t, "every order to be decided", func() error {
			if o := s.offer(sku); o.Available < 0 || o.Available > edition {
				t.Fatalf("%d are available", o.Available)
			}
			if open := s.count(`SELECT COUNT(*) FROM orders WHERE status NOT IN ('confirmed', 'cancelled')`); open > 0 {
				return fmt.Errorf("%d are open", open)
			}
			return nil
		})
		s.awaitQuiet()
		var numbers []int
		refused := 0
		for _, p := range orders {
			switch v := s.view(p); v.Status + v.Reason {
			case "confirmed":
				for _, e := range v.Editions {
					numbers = append(numbers, e.Number)
				}
				s.wantMails(p, "confirmation", "receipt")
			case "cancelledsold_out":
				refused++
				s.wantMails(p, "cancellation")
			default:
				t.Errorf("order %s is %s %s", p.ID, v.Status, v.Reason)
			}
		}
		slices.Sort(numbers)
		want := make([]int, edition)
		for i := range want {
			want[i] = i + 1
		}
		if !slices.Equal(numbers, want) {
			t.Errorf("the numbers sold are %v", numbers)
		}
		if refused != buyers-edition {
			t.Errorf("%d were refused, want %d", refused, buyers-edition)
		}
		if told := s.count(`SELECT COUNT(*) FROM mailbox WHERE template = 'cancellation' AND body LIKE '%sold out%'`); told != buyers-edition {
			t.Errorf("%d were told that it is sold out", told)
		}
		if o := s.offer(sku); o.Available != 0 {
			t.Errorf("%d are available after the sale", o.Available)
		}
	})
}

// crowd has n customers place an order each, all released from one barrier, and returns
// their orders.
func (s *shop) crowd(n int, place func(i int) (placed, error)) []placed {
	s.t.Helper()
	orders, errs := make([]placed, n), make([]error, n)
	var barrier sync.WaitGroup
	barrier.Add(1)
	var customers sync.WaitGroup
	for i := range n {
		customers.Go(func() {
			barrier.Wait()
			orders[i], errs[i] = place(i)
		})
	}
	barrier.Done()
	customers.Wait()
	for _, err := range errs {
		if err != nil {
			s.t.Fatal(err)
		}
	}
	return orders
}
