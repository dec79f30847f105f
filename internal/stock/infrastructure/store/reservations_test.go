package store_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/order"
	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
	"tirage/internal/stock/domain"
)

func TestCopiesAreHeldThenSoldThenReturned(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		id := s.place(B, 1, A, 1, B, 2) // B twice: its lines are summed
		s.must(s.created(id))
		s.expectLevels(A, levels{OnHand: 10, Reserved: 1})
		s.expectLevels(B, levels{OnHand: 10, Reserved: 3})

		s.must(s.paid(id))
		s.expectLevels(A, levels{OnHand: 9, Sold: 1, Issued: 1})
		s.expectLevels(B, levels{OnHand: 7, Sold: 3, Issued: 3})
		if diff := cmp.Diff([]int{1, 2, 3}, s.numbers(id, B)); diff != "" {
			t.Errorf("numbers (-want +got):\n%s", diff)
		}

		s.must(s.refunded(id))
		s.expectLevels(A, levels{OnHand: 10, Issued: 1})
		s.expectLevels(B, levels{OnHand: 10, Issued: 3})
		if got := s.numbers(id, B); got != nil {
			t.Errorf("still owns %v", got)
		}
		s.expectEvents(id, "stock.StockReserved", "stock.EditionsNumbered", "stock.EditionsReturned")
	})
}

func TestOneShortSKUHoldsNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		for _, short := range []string{B, "TEST-99-S"} { // too few, and unknown
			id := s.place(A, 2, short, 11)
			s.must(s.created(id), s.created(id))
			s.expectLevels(A, levels{OnHand: 10})
			s.expectLevels(B, levels{OnHand: 10})
			s.expectEvents(id, "stock.StockRejected")
		}
	})
}

func TestACancelledOrderPutsItsCopiesBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		id := s.place(A, 4)
		s.must(s.created(id), s.cancelled(id))
		s.expectLevels(A, levels{OnHand: 10})
		s.expectEvents(id, "stock.StockReserved", "stock.StockReleased")
	})
}

func TestEveryHandlerMayRunTwice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		sold, cancelled := s.place(A, 2), s.place(B, 2)
		s.must(s.created(sold), s.created(sold), s.paid(sold), s.paid(sold))
		s.expectLevels(A, levels{OnHand: 8, Sold: 2, Issued: 2})
		s.must(s.refunded(sold), s.refunded(sold), s.created(sold), s.paid(sold), s.cancelled(sold))
		s.expectEvents(sold, "stock.StockReserved", "stock.EditionsNumbered", "stock.EditionsReturned")
		s.expectLevels(A, levels{OnHand: 10, Issued: 2})

		s.must(s.created(cancelled), s.cancelled(cancelled), s.cancelled(cancelled), s.created(cancelled))
		s.expectEvents(cancelled, "stock.StockReserved", "stock.StockReleased")
		s.expectLevels(B, levels{OnHand: 10})
	})
}

func TestEventsMayComeInAnyOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		cancelledFirst := s.place(A, 1)
		s.must(s.cancelled(cancelledFirst), s.created(cancelledFirst), s.paid(cancelledFirst))
		s.expectEvents(cancelledFirst, "stock.StockReleased")

		cancelledAfterSale := s.place(A, 1)
		s.must(s.created(cancelledAfterSale), s.paid(cancelledAfterSale), s.cancelled(cancelledAfterSale))
		s.expectEvents(cancelledAfterSale, "stock.StockReserved", "stock.EditionsNumbered")

		refundedBeforeNumbered := s.place(A, 1)
		s.must(s.created(refundedBeforeNumbered), s.refunded(refundedBeforeNumbered), s.paid(refundedBeforeNumbered))
		s.expectEvents(refundedBeforeNumbered, "stock.StockReserved", "stock.StockReleased")

		s.expectLevels(A, levels{OnHand: 9, Sold: 1, Issued: 1})
	})
}

func TestWhatCannotBeHandledChangesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		early := s.place(A, 1)
		if err := s.paid(early); !errors.Is(err, domain.ErrNotReserved) || bus.IsPermanent(err) {
			t.Errorf("paid before reserved: error is %v", err)
		}
		if err := s.created(order.NewID()); !errors.Is(err, database.ErrNotFound) || bus.IsPermanent(err) {
			t.Errorf("unknown order: error is %v", err)
		}
		if err := s.created(s.place("nonsense", 1)); !bus.IsPermanent(err) {
			t.Errorf("malformed SKU: error is %v", err)
		}
		s.must(s.created(early), s.paid(early)) // the retry
		s.expectEvents(early, "stock.StockReserved", "stock.EditionsNumbered")
	})
}

func TestReturnedNumbersAreGivenOutFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		first, second, third := s.place(A, 2), s.place(A, 1), s.place(A, 2) // 1 2, 3, 4 5
		for _, id := range []order.ID{first, second, third} {
			s.must(s.created(id), s.paid(id))
		}
		s.must(s.refunded(third), s.refunded(first))
		next, last := s.place(A, 3), s.place(A, 2)
		s.must(s.created(next), s.created(last), s.paid(next), s.paid(last))
		got := [][]int{s.numbers(next, A), s.numbers(second, A), s.numbers(last, A)}
		if diff := cmp.Diff([][]int{{1, 2, 4}, {3}, {5, 6}}, got); diff != "" {
			t.Errorf("numbers (-want +got):\n%s", diff)
		}
		if !slices.IsSorted(got[0]) {
			t.Errorf("%v is not sorted", got[0])
		}
	})
}
