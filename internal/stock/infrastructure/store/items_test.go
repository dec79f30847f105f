package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"tirage/internal/order"
	"tirage/internal/stock/application/command"
	"tirage/internal/stock/domain"
	"tirage/internal/stock/infrastructure/store"
)

// restock runs the command as the command bus does.
func (s *shop) restock(sku, id string, quantity int) error {
	handler := command.NewRestockHandler(store.NewItems(s.db))
	return s.work.Do(s.t.Context(), func(ctx context.Context) error {
		return handler.Handle(ctx, command.Restock{SKU: sku, ID: id, Quantity: quantity, Reason: "printed"})
	})
}

// lose takes copies off a shelf, as if they had not been printed yet.
func (s *shop) lose(sku string, quantity int) {
	s.t.Helper()
	s.must(s.db.Direct(s.t.Context()).Exec("UPDATE skus SET on_hand = on_hand - ? WHERE sku = ?", quantity, sku).Error)
}

// The shop's editions are of ten here, so one copy is few.
func TestItemsTellThatFewAreLeftAndThatOneReturns(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		most, last, late := s.place(A, 8, B, 1), s.place(A, 2), s.place(A, 1)
		s.must(s.created(most))
		s.expectItemEvents(A)
		s.must(s.created(last), s.created(late)) // sold out
		s.expectItemEvents(A, "StockRanLow")

		s.must(s.paid(most)) // sold now instead of held, which is no news
		s.expectItemEvents(A, "StockRanLow")
		s.must(s.cancelled(last), s.refunded(most))
		s.expectItemEvents(A, "StockRanLow", "StockReplenished")

		s.must(s.created(s.place(A, 9))) // down to one, again
		s.expectItemEvents(A, "StockRanLow", "StockReplenished", "StockRanLow")
		s.expectItemEvents(B)
	})
}

func TestARefundOfTheLastCopiesIsNews(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		id := s.place(A, 10)
		s.must(s.created(id), s.paid(id), s.refunded(id), s.refunded(id))
		s.expectItemEvents(A, "StockRanLow", "StockReplenished")
	})
}

// What an order could not get after all was not taken from anybody.
func TestARejectedOrderIsNoNewsOfItsOtherLines(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		s.must(s.created(s.place(A, 10, B, 11)))
		s.expectItemEvents(A)
		s.expectItemEvents(B)
	})
}

func TestRestock(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		s.lose(A, 4)
		sold := s.place(A, 3)
		s.must(s.created(sold), s.paid(sold), s.restock(A, "note-1", 3), s.restock(A, "note-1", 3))
		s.expectLevels(A, levels{OnHand: 6, Sold: 3, Issued: 3})
		s.expectItemEvents(A, "StockReplenished")

		for _, refused := range []struct {
			err  error
			want error
		}{
			{s.restock(A, "note-1", 2), domain.ErrRestockExists},
			{s.restock(A, "note-2", 2), domain.ErrEditionFull},
			{s.restock(B, "note-1", 1), domain.ErrEditionFull},
			{s.restock(A, "note-2", 0), domain.ErrQuantity},
			{s.restock(A, "", 1), domain.ErrInvalidRestock},
			{s.restock("TEST-99-S", "note-2", 1), domain.ErrUnknownSKU},
			{s.restock("nonsense", "note-2", 1), domain.ErrUnknownSKU},
		} {
			if !errors.Is(refused.err, refused.want) {
				t.Errorf("error is %v, want %v", refused.err, refused.want)
			}
		}
		s.expectLevels(A, levels{OnHand: 6, Sold: 3, Issued: 3})
		s.must(s.restock(A, "note-2", 1))
		s.expectItemEvents(A, "StockReplenished", "StockReplenished")
	})
}

// Orders, their ends and deliveries of copies reach for one SKU at once.
func TestItemEventsHaveNoGapWhoeverIsFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		s.lose(A, 5)
		const orders = 30
		ids := make([]order.ID, orders)
		for i := range ids {
			ids[i] = s.place(A, 1)
		}
		s.must(sideBySide(orders+10, func(i int) error {
			if i < orders {
				return s.created(ids[i])
			}
			return s.restock(A, fmt.Sprint("note-", i%5), 1)
		}))
		s.must(sideBySide(orders, func(i int) error { return s.cancelled(ids[i]) }))
		s.expectLevels(A, levels{OnHand: 10})
		s.expectNoGap(A)
	})
}

func TestManyBuyersRunOneItemLowOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		const orders = 20
		ids := make([]order.ID, orders)
		for i := range ids {
			ids[i] = s.place(A, 1)
		}
		s.must(sideBySide(orders, func(i int) error { return s.created(ids[i]) }))
		s.expectItemEvents(A, "StockRanLow")
		s.must(sideBySide(orders, func(i int) error { return s.cancelled(ids[i]) }))
		s.expectItemEvents(A, "StockRanLow", "StockReplenished")
	})
}
