package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tirage/internal/order"
	"tirage/internal/order/application/eventhandler"
	"tirage/internal/order/domain"
	"tirage/internal/platform/bus"
	"tirage/internal/platform/event"
	"tirage/internal/stock"
)

// handle runs a handler as the event bus does: in a unit of work of its own.
func handle[E event.Fact](s *shop, handler func(context.Context, E) error, e E) func() error {
	return func() error {
		return s.do(func(ctx context.Context) error { return handler(ctx, e) })
	}
}

// twentyTimes runs a handler twenty times side by side, and once more, late.
func (s *shop) twentyTimes(run func() error) {
	s.t.Helper()
	s.must(errors.Join(sideBySide(times(20, run)...)...))
	s.must(run())
}

func TestRequestPaymentOnStockReserved(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		handler := eventhandler.NewRequestPaymentOnStockReserved(s.orders)
		id := s.place(0)
		s.twentyTimes(handle(s, handler.Handle, stock.StockReserved{OrderID: string(id)}))
		s.expectEvents(id, "OrderCreated", "PaymentRequested")

		gone := s.place(0)
		s.must(s.update(gone, (*domain.Order).Cancel))
		s.must(handle(s, handler.Handle, stock.StockReserved{OrderID: string(gone)})())
		s.expectEvents(gone, "OrderCreated", "OrderCancelled")

		err := handle(s, handler.Handle, stock.StockReserved{OrderID: "nobody's"})()
		if !errors.Is(err, order.ErrNotFound) {
			t.Errorf("an order that is not there (yet): %v", err)
		}
	})
}

func TestConfirmOrderOnEditionsNumbered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		id, payment := s.placeAndRequest(0)
		s.must(s.update(id, func(o *domain.Order) error { return o.PaymentReceived(payment) }))
		handler := eventhandler.NewConfirmOrderOnEditionsNumbered(s.orders)
		s.twentyTimes(handle(s, handler.Handle, stock.EditionsNumbered{OrderID: string(id)}))
		s.expectEvents(id, "OrderCreated", "PaymentRequested", "PaymentReceived", "OrderConfirmed")
	})
}

func TestCancelOrderOnStockRejected(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		id := s.place(0)
		handler := eventhandler.NewCancelOrderOnStockRejected(s.orders)
		s.twentyTimes(handle(s, handler.Handle, stock.StockRejected{OrderID: string(id)}))
		s.expectEvents(id, "OrderCreated", "OrderCancelled")
		if reason := s.find(id).Reason; reason != order.SoldOut {
			t.Errorf("reason is %s", reason)
		}
	})
}

func TestCancelUnpaidOrderOnOrderCreated(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		handler := eventhandler.NewCancelUnpaidOrderOnOrderCreated(s.orders)
		created := func(id order.ID) func() error {
			return handle(s, handler.Handle, order.OrderCreated{OrderID: id})
		}

		early := s.place(window - time.Minute)
		expectPostponed(t, created(early)(), time.Minute)
		s.expectEvents(early, "OrderCreated")

		underWay, _ := s.placeAndRequest(window)
		expectPostponed(t, created(underWay)(), domain.PaymentGrace)
		s.expectEvents(underWay, "OrderCreated", "PaymentRequested")

		for _, ago := range []time.Duration{window, 100 * window} {
			late := s.place(ago)
			s.twentyTimes(created(late))
			s.expectEvents(late, "OrderCreated", "OrderCancelled")
		}

		silent, _ := s.placeAndRequest(window + domain.PaymentGrace)
		s.twentyTimes(created(silent))
		s.expectEvents(silent, "OrderCreated", "PaymentRequested", "OrderCancelled", "PaymentAbandoned")
	})
}

// expectPostponed expects bus.NotYet of at most a given time, and of most of it.
func expectPostponed(t *testing.T, err error, most time.Duration) {
	t.Helper()
	postponed, ok := errors.AsType[*bus.Postponed](err)
	if !ok {
		t.Fatalf("error is %v, want it postponed", err)
	}
	if postponed.After > most || postponed.After < most-30*time.Second {
		t.Errorf("postponed by %s, want %s or a little less", postponed.After, most)
	}
}
