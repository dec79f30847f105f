package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"tirage/internal/order"
	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
	"tirage/internal/platform/event"
	"tirage/internal/platform/money"
	"tirage/internal/stock/application/eventhandler"
	"tirage/internal/stock/infrastructure/catalogue"
	"tirage/internal/stock/infrastructure/store"
)

// shop is the stock context on a real database, with its handlers as the event bus
// would run them: each in a unit of work of its own.
type shop struct {
	t        *testing.T
	db       *database.DB
	work     *database.UnitOfWork
	ledger   *ledger
	reserve  eventhandler.UpdateStockOnOrderCreated
	release  eventhandler.ReleaseStockOnOrderCancelled
	number   eventhandler.NumberEditionsOnPaymentReceived
	giveBack eventhandler.ReturnEditionsOnPaymentRefunded
	orders   sync.Map // order.ID → []order.Line
	runs     atomic.Int64
}

// each runs test over a shop on each database. It has the SKUs A and B of ten copies
// each, and checks at the end that the books balance.
func each(t *testing.T, test func(t *testing.T, s *shop)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newShop(t, db)
		if err := store.Seed(t.Context(), db, demo()); err != nil {
			t.Fatal(err)
		}
		test(t, s)
		s.checkBooks()
	})
}

// The SKUs of demo. A sorts before B.
const (
	A = "TEST-01-S"
	B = "TEST-02-S"
)

func demo() []catalogue.Series {
	ten := []catalogue.Size{{Code: "S", Label: "30 × 40 cm", Edition: 10, Printed: 10, Price: money.EUR(9000)}}
	return []catalogue.Series{{ID: "test", Title: "Test", About: "For tests.", Prints: []catalogue.Print{
		{ID: "test-01", Title: "First", Seed: 1, Palette: "ink", Sizes: ten},
		{ID: "test-02", Title: "Second", Seed: 2, Palette: "ink", Sizes: ten},
	}}}
}

func newShop(t *testing.T, db *database.DB) *shop {
	ledger := &ledger{}
	s := &shop{t: t, db: db, work: database.NewUnitOfWork(db, ledger), ledger: ledger}
	queries := bus.NewQueries()
	bus.Answer(queries, func(_ context.Context, q order.GetOrder) (order.View, error) {
		lines, ok := s.orders.Load(q.ID)
		if !ok {
			return order.View{}, database.ErrNotFound
		}
		return order.View{ID: q.ID, Lines: lines.([]order.Line)}, nil
	})
	reservations := store.NewReservations(db)
	s.reserve = eventhandler.NewUpdateStockOnOrderCreated(reservations, queries)
	s.release = eventhandler.NewReleaseStockOnOrderCancelled(reservations)
	s.number = eventhandler.NewNumberEditionsOnPaymentReceived(reservations)
	s.giveBack = eventhandler.NewReturnEditionsOnPaymentRefunded(reservations)
	return s
}

// ledger is an event store in memory. Like a real one it keeps only what was committed.
type ledger struct {
	mu        sync.Mutex
	envelopes []event.Envelope
}

func (l *ledger) Append(_ context.Context, tx *gorm.DB, events []event.Envelope) error {
	return database.AfterCommit(tx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.envelopes = append(l.envelopes, events...)
	})
}

// place stores an order of quantities by SKU, given as A, 2, B, 1…, and tells nobody.
func (s *shop) place(skusAndQuantities ...any) order.ID {
	id := order.NewID()
	var lines []order.Line
	for i := 0; i < len(skusAndQuantities); i += 2 {
		lines = append(lines, order.Line{SKU: skusAndQuantities[i].(string), Quantity: skusAndQuantities[i+1].(int)})
	}
	s.orders.Store(id, lines)
	return id
}

func (s *shop) created(id order.ID) error {
	return handle(s, s.reserve.Handle, order.OrderCreated{OrderID: id})
}

func (s *shop) cancelled(id order.ID) error {
	return handle(s, s.release.Handle, order.OrderCancelled{OrderID: id})
}

func (s *shop) paid(id order.ID) error {
	return handle(s, s.number.Handle, order.PaymentReceived{OrderID: id})
}

func (s *shop) refunded(id order.ID) error {
	return handle(s, s.giveBack.Handle, order.PaymentRefunded{OrderID: id})
}

// handle runs a handler in a unit of work, and counts how often it was run: more often
// than once where the database refused the transaction.
func handle[E event.Fact](s *shop, handler func(context.Context, E) error, e E) error {
	return s.work.Do(s.t.Context(), func(ctx context.Context) error {
		s.runs.Add(1)
		return handler(ctx, e)
	})
}

// must fails the test at the first error.
func (s *shop) must(errs ...error) {
	s.t.Helper()
	if err := errors.Join(errs...); err != nil {
		s.t.Fatal(err)
	}
}

// sideBySide calls run n times at once, and joins the errors.
func sideBySide(n int, run func(i int) error) error {
	errs := make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = run(i)
		})
	}
	close(start)
	all.Wait()
	return errors.Join(errs...)
}
