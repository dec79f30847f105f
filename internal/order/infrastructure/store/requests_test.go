package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tirage/internal/order"
	"tirage/internal/order/application/query"
	"tirage/internal/order/domain"
	"tirage/internal/order/infrastructure/store"
)

// take places an order for a request, as CreateOrder does.
func (s *shop) take(r domain.Request) (order.ID, error) {
	o := newOrder(s.t, time.Now())
	return o.ID(), s.do(func(ctx context.Context) error {
		return errors.Join(store.NewRequests(s.db).Remember(ctx, r, o.ID()), s.orders.Add(ctx, o))
	})
}

func TestOfEqualRequestsAtOnceOneIsTaken(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		repeated := query.NewFindRepeatedHandler(store.NewRequests(s.db))
		request := domain.Request{Key: "k", Content: "c"}
		ids := make([]order.ID, 20)
		var all []func() error
		for i := range ids {
			all = append(all, func() (err error) {
				ids[i], err = s.take(request)
				if errors.Is(err, domain.ErrRepeated) {
					ids[i], err = repeated.Handle(t.Context(), query.FindRepeated{Request: request})
				}
				return err
			})
		}
		s.must(errors.Join(sideBySide(all...)...))
		for _, id := range ids {
			if id != ids[0] {
				t.Errorf("led to orders %s and %s", ids[0], id)
			}
		}
		s.expectEvents(ids[0], "OrderCreated")
		var orders int64
		s.must(s.db.Conn(t.Context()).Table("orders").Count(&orders).Error)
		if orders != 1 {
			t.Errorf("%d orders were placed", orders)
		}
	})
}

func TestFindRepeated(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		repeated := query.NewFindRepeatedHandler(store.NewRequests(s.db))
		ask := func(key, content string) (order.ID, error) {
			return repeated.Handle(t.Context(), query.FindRepeated{Request: domain.Request{Key: key, Content: content}})
		}
		id, err := s.take(domain.Request{Key: "k", Content: "c"})
		s.must(err)
		if found, err := ask("k", "c"); err != nil || found != id {
			t.Errorf("found %s, %v; want %s", found, err, id)
		}
		if _, err := ask("k", "other"); !errors.Is(err, domain.ErrKeyReused) {
			t.Errorf("another request: %v", err)
		}
		if _, err := ask("other", "c"); !errors.Is(err, order.ErrNotFound) {
			t.Errorf("another key: %v", err)
		}
	})
}

// The request stands and falls with its order: one that was refused may come again.
func TestARequestIsForgottenWithItsOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		refused := errors.New("refused")
		request := domain.Request{Key: "k", Content: "c"}
		err := s.do(func(ctx context.Context) error {
			return errors.Join(store.NewRequests(s.db).Remember(ctx, request, "o1"), refused)
		})
		if !errors.Is(err, refused) {
			t.Errorf("error is %v", err)
		}
		err = s.do(func(ctx context.Context) error {
			return store.NewRequests(s.db).Remember(ctx, request, "nobody's")
		})
		if err == nil {
			t.Error("a request without an order was remembered")
		}
		if _, err := s.take(request); err != nil {
			t.Error(err)
		}
	})
}
