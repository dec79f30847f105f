package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/order/infrastructure/store"
	"tirage/internal/platform/database"
	"tirage/internal/platform/money"
)

func TestAddThenFind(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		o := newOrder(t, time.Now())
		s.must(s.do(func(ctx context.Context) error { return s.orders.Add(ctx, o) }))
		if diff := cmp.Diff(o.Snapshot(), s.find(o.ID())); diff != "" {
			t.Errorf("order (-added +found):\n%s", diff)
		}
		s.expectEvents(o.ID(), "OrderCreated")
	})
}

func TestAddTwice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		o := newOrder(t, time.Now())
		again := domain.FromSnapshot(o.Snapshot())
		s.must(s.do(func(ctx context.Context) error { return s.orders.Add(ctx, o) }))
		err := s.do(func(ctx context.Context) error { return s.orders.Add(ctx, again) })
		if !errors.Is(err, domain.ErrOrderExists) {
			t.Errorf("added twice: %v", err)
		}
		s.expectEvents(o.ID(), "OrderCreated")
	})
}

func TestUpdateStoresEveryChange(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		id := s.place(0)
		card, err := domain.ParseCardToken("tok_second")
		s.must(err)
		tracking, err := domain.ParseTracking("RR123456785NL")
		s.must(err)
		now := time.Now().Truncate(time.Microsecond)
		for _, change := range []func(*domain.Order) error{
			func(o *domain.Order) error { o.RequestPayment("p1", now); return nil },
			func(o *domain.Order) error { return o.PaymentDeclined("p1", now) },
			func(o *domain.Order) error { return o.PayAgain("p2", card, now) },
			func(o *domain.Order) error { return o.PayAgain("p3", card, now.Add(domain.Patience)) },
			func(o *domain.Order) error { return o.PayAgain("p4", card, now.Add(2*domain.Patience)) },
			func(o *domain.Order) error { return o.PaymentDeclined("p2", now) },
			func(o *domain.Order) error { return o.PaymentReceived("p4") },
			func(o *domain.Order) error { o.Confirm(); return nil },
			func(o *domain.Order) error { return o.Ship(tracking) },
			(*domain.Order).Refund,
			func(o *domain.Order) error { return o.PaymentReturned("p4") },
		} {
			var want domain.Snapshot
			s.must(s.update(id, func(o *domain.Order) error {
				err := change(o)
				want = o.Snapshot()
				return err
			}))
			if diff := cmp.Diff(want, s.find(id)); diff != "" {
				t.Errorf("order (-changed +found):\n%s", diff)
			}
		}
		s.expectEvents(id, "OrderCreated", "PaymentRequested", "PaymentDeclined", "PaymentRequested",
			"PaymentAbandoned", "PaymentAbandoned", "PaymentVoided", "PaymentRequested",
			"PaymentReceived", "OrderConfirmed", "OrderShipped", "RefundRequested", "PaymentRefunded")
	})
}

func TestUpdateThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		id := s.place(0)
		before := s.find(id)
		broken := errors.New("broken")
		err := s.do(func(ctx context.Context) error {
			if err := s.orders.Update(ctx, id, (*domain.Order).Cancel); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Errorf("error is %v", err)
		}
		err = s.update(id, func(o *domain.Order) error {
			o.RequestPayment("p1", time.Now())
			return broken
		})
		if !errors.Is(err, broken) {
			t.Errorf("error is %v", err)
		}
		if diff := cmp.Diff(before, s.find(id)); diff != "" {
			t.Errorf("order (-before +after):\n%s", diff)
		}
	})
}

func TestOrdersThatDoNotExist(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		if _, err := s.orders.Find(t.Context(), "nobody's"); !errors.Is(err, order.ErrNotFound) {
			t.Errorf("find: %v", err)
		}
		if err := s.update("nobody's", (*domain.Order).Cancel); !errors.Is(err, order.ErrNotFound) {
			t.Errorf("update: %v", err)
		}
		views := store.NewViews(s.db)
		if _, err := views.ByID(t.Context(), "nobody's"); !errors.Is(err, order.ErrNotFound) {
			t.Errorf("view by id: %v", err)
		}
		if _, err := views.ByTokenHash(t.Context(), domain.Token("nobody's").Hash()); !errors.Is(err, order.ErrNotFound) {
			t.Errorf("view by token: %v", err)
		}
	})
}

func TestWritesNeedAUnitOfWork(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		if err := s.orders.Add(t.Context(), newOrder(t, time.Now())); !errors.Is(err, database.ErrNoUnitOfWork) {
			t.Errorf("add: %v", err)
		}
		if err := s.orders.Update(t.Context(), s.place(0), (*domain.Order).Cancel); !errors.Is(err, database.ErrNoUnitOfWork) {
			t.Errorf("update: %v", err)
		}
	})
}

func TestViews(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		id, payment := s.placeAndRequest(0)
		stored := s.find(id)
		want := order.View{
			ID: id, Status: order.Reserved, Total: money.EUR(38000),
			Customer: order.Customer{Name: "Ada", Email: "ada@example.com", Address: "12 St James's Square\nLondon"},
			Lines: []order.Line{
				{SKU: "TIDE-02-M", Title: "Tide", Size: "50 × 70 cm", Quantity: 2, Price: money.EUR(9000)},
				{SKU: "MOSS-01-L", Title: "Moss", Size: "70 × 100 cm", Quantity: 1, Price: money.EUR(20000)},
			},
			PlacedAt: stored.PlacedAt, PayBy: stored.PlacedAt.Add(window),
			Payments: []order.Payment{{ID: payment, Status: order.PaymentUnresolved}},
		}
		views := store.NewViews(s.db)
		byID, err := views.ByID(t.Context(), id)
		s.must(err)
		if diff := cmp.Diff(want, byID); diff != "" {
			t.Errorf("view by id (-want +got):\n%s", diff)
		}
		byToken, err := views.ByTokenHash(t.Context(), stored.TokenHash)
		s.must(err)
		if diff := cmp.Diff(want, byToken); diff != "" {
			t.Errorf("view by token (-want +got):\n%s", diff)
		}
	})
}
