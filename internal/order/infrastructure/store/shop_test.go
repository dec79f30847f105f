package store_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/order/infrastructure/store"
	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
	"tirage/internal/platform/delivery"
	"tirage/internal/platform/money"
)

// window is how long the orders of these tests can be paid.
const window = 30 * time.Minute

// shop is the order context on a real database, with a real ledger that nobody works off.
type shop struct {
	t      *testing.T
	db     *database.DB
	work   *database.UnitOfWork
	orders *store.Orders
}

// each runs test over a shop on each database.
func each(t *testing.T, test func(t *testing.T, s *shop)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ledger := delivery.NewLedger(db, bus.NewEvents(), delivery.DefaultConfig(),
			slog.New(slog.DiscardHandler), func([]delivery.Task) {})
		test(t, &shop{t: t, db: db, work: database.NewUnitOfWork(db, ledger), orders: store.NewOrders(db)})
	})
}

// do runs fn in a unit of work.
func (s *shop) do(fn func(context.Context) error) error { return s.work.Do(s.t.Context(), fn) }

// update changes an order in a unit of work.
func (s *shop) update(id order.ID, change func(*domain.Order) error) error {
	return s.do(func(ctx context.Context) error { return s.orders.Update(ctx, id, change) })
}

// place stores an order that was placed some time ago.
func (s *shop) place(ago time.Duration) order.ID {
	s.t.Helper()
	o := newOrder(s.t, time.Now().Add(-ago))
	s.must(s.do(func(ctx context.Context) error { return s.orders.Add(ctx, o) }))
	return o.ID()
}

// placeAndRequest is place, with its payment "<id>-1" under way.
func (s *shop) placeAndRequest(ago time.Duration) (order.ID, order.PaymentID) {
	s.t.Helper()
	id := s.place(ago)
	payment := order.PaymentID(id + "-1")
	s.must(s.update(id, func(o *domain.Order) error {
		o.RequestPayment(payment, time.Now().Add(-ago))
		return nil
	}))
	return id, payment
}

func newOrder(t *testing.T, placedAt time.Time) *domain.Order {
	t.Helper()
	customer, err1 := domain.NewCustomer("Ada", "ada@example.com", "12 St James's Square\nLondon")
	two, err2 := domain.NewQuantity(2)
	one, err3 := domain.NewQuantity(1)
	card, err4 := domain.ParseCardToken("tok_approved_checkout")
	o, err5 := domain.Place(domain.Checkout{
		ID: order.NewID(), Token: domain.Token(order.NewID()), Customer: customer, Card: card,
		Lines: []domain.Line{
			domain.NewLine("TIDE-02-M", "Tide", "50 × 70 cm", two, money.EUR(9000)),
			domain.NewLine("MOSS-01-L", "Moss", "70 × 100 cm", one, money.EUR(20000)),
		},
	}, placedAt.Truncate(time.Microsecond), window)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	return o
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// find loads an order's snapshot, and checks that its events count up to its version
// without a gap.
func (s *shop) find(id order.ID) domain.Snapshot {
	s.t.Helper()
	o, err := s.orders.Find(s.t.Context(), id)
	s.must(err)
	if n := len(s.events(id)); n != o.Version() {
		s.t.Errorf("order at version %d has %d events", o.Version(), n)
	}
	return o.Snapshot()
}

// events lists the types of an order's stored events without the context's name.
func (s *shop) events(id order.ID) []string {
	s.t.Helper()
	var rows []struct {
		Type             string
		AggregateVersion int
	}
	s.must(s.db.Conn(s.t.Context()).Table("events").
		Where("aggregate = ? AND aggregate_id = ?", domain.Kind, id).Order("aggregate_version").Find(&rows).Error)
	names := make([]string, len(rows))
	for i, row := range rows {
		if row.AggregateVersion != i+1 {
			s.t.Errorf("event %d has version %d", i+1, row.AggregateVersion)
		}
		names[i] = row.Type[len("order."):]
	}
	return names
}

func (s *shop) expectEvents(id order.ID, want ...string) {
	s.t.Helper()
	if diff := cmp.Diff(want, s.events(id)); diff != "" {
		s.t.Errorf("events (-want +got):\n%s", diff)
	}
}

// sideBySide runs all at the same time and returns their errors in the same order.
func sideBySide(all ...func() error) []error {
	errs := make([]error, len(all))
	start := make(chan struct{})
	var running sync.WaitGroup
	for i, run := range all {
		running.Go(func() {
			<-start
			errs[i] = run()
		})
	}
	close(start)
	running.Wait()
	return errs
}

func times(n int, run func() error) []func() error {
	all := make([]func() error, n)
	for i := range all {
		all[i] = run
	}
	return all
}
