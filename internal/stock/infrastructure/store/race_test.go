package store_test

import (
	"errors"
	"slices"
	"testing"

	"tirage/internal/order"
	"tirage/internal/stock/domain"
)

func TestTheLastCopiesGoToAsManyOrdersAsThereAre(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		const orders = 40
		ids := make([]order.ID, orders)
		for i := range ids {
			ids[i] = s.place(A, 1)
		}
		s.must(sideBySide(orders, func(i int) error { return s.created(ids[i]) }))
		s.expectLevels(A, levels{OnHand: 10, Reserved: 10})
		counts := map[string]int{}
		for _, e := range s.ledger.envelopes {
			counts[e.Type.Name]++
		}
		if counts["stock.StockReserved"] != 10 || counts["stock.StockRejected"] != orders-10 {
			t.Errorf("events: %v", counts)
		}
	})
}

// The database would break a deadlock by refusing one of the two, whose unit of work
// starts over. So nobody would see it, but for the handler that ran once more.
func TestOrdersForTheSamePrintsNeverDeadlock(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		const orders = 10
		ids := make([]order.ID, orders)
		for i := range ids {
			if ids[i] = s.place(A, 1, B, 1); i%2 == 0 {
				ids[i] = s.place(B, 1, A, 1)
			}
		}
		s.must(sideBySide(orders, func(i int) error { return s.created(ids[i]) }))
		s.must(sideBySide(orders, func(i int) error { return s.paid(ids[i]) }))
		s.must(sideBySide(orders, func(i int) error { return s.refunded(ids[i]) }))
		if runs := s.runs.Load(); runs != 3*orders {
			t.Errorf("%d handlers were run %d times", 3*orders, runs)
		}
		s.expectLevels(A, levels{OnHand: 10, Issued: 10})
		s.expectLevels(B, levels{OnHand: 10, Issued: 10})
	})
}

func TestNumbersHaveNoGapWhoeverIsFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		ids := make([]order.ID, 5)
		for i := range ids {
			ids[i] = s.place(A, 2, B, 1)
			s.must(s.created(ids[i]))
		}
		// Each payment is told five times at once: once per number, and four too many.
		s.must(sideBySide(25, func(i int) error { return s.paid(ids[i%5]) }))
		var all []int
		for _, id := range ids {
			all = append(all, s.numbers(id, A)...)
			s.expectEvents(id, "stock.StockReserved", "stock.EditionsNumbered")
		}
		slices.Sort(all)
		if !slices.Equal(all, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}) {
			t.Errorf("numbers given out: %v", all)
		}
	})
}

func TestSalesAndReturnsShareTheirNumbers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		var old, fresh []order.ID
		for range 5 {
			old, fresh = append(old, s.place(A, 1)), append(fresh, s.place(A, 1))
		}
		for i := range old {
			s.must(s.created(old[i]), s.paid(old[i]), s.created(fresh[i]))
		}
		s.must(sideBySide(20, func(i int) error {
			if i%2 == 0 {
				return s.refunded(old[i/2%5])
			}
			return s.paid(fresh[i/2%5])
		}))
		for i := range old {
			if len(s.numbers(old[i], A)) != 0 || len(s.numbers(fresh[i], A)) != 1 {
				t.Errorf("numbers of order %d: %v before, %v after", i, s.numbers(old[i], A), s.numbers(fresh[i], A))
			}
		}
	})
}

func TestNewsOfOneOrderSideBySide(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		cancelled, sold := s.place(A, 3), s.place(B, 3)
		s.must(sideBySide(24, func(i int) error {
			if i%2 == 0 {
				return s.created(cancelled)
			}
			return s.cancelled(cancelled)
		}))
		s.expectLevels(A, levels{OnHand: 10})

		s.must(sideBySide(24, func(i int) error {
			if i%2 == 0 {
				return s.created(sold)
			}
			if err := s.paid(sold); !errors.Is(err, domain.ErrNotReserved) {
				return err
			}
			return nil
		}), s.paid(sold))
		s.expectLevels(B, levels{OnHand: 7, Sold: 3, Issued: 3})
		s.expectEvents(sold, "stock.StockReserved", "stock.EditionsNumbered")
	})
}
