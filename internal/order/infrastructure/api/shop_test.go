package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tirage/internal/order"
	"tirage/internal/order/application/command"
	"tirage/internal/order/application/query"
	"tirage/internal/order/domain"
	"tirage/internal/order/infrastructure/api"
	"tirage/internal/order/infrastructure/simulator"
	"tirage/internal/order/infrastructure/store"
	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
	"tirage/internal/platform/delivery"
	"tirage/internal/platform/event"
	"tirage/internal/platform/money"
	"tirage/internal/platform/ops"
	"tirage/internal/platform/web"
	"tirage/internal/stock"
	"tirage/migrations"
)

const (
	goodCard   = "4242 4242 4242 4242"
	staffToken = "staff-token"
)

// shop is the order context behind a real HTTP server, on a real SQLite file. Stock is
// played by two answers; nobody works off the events.
type shop struct {
	t      *testing.T
	url    string
	db     *database.DB
	work   *database.UnitOfWork
	orders *store.Orders
	log    *logBook
}

// logBook keeps what was logged.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newShop(t *testing.T) *shop {
	t.Helper()
	db, err := database.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "shop.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := db.Migrate(t.Context(), migrations.Files); err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, db: db, orders: store.NewOrders(db), log: &logBook{}}
	log := slog.New(slog.NewTextHandler(s.log, nil))
	s.work = database.NewUnitOfWork(db, delivery.NewLedger(db, bus.NewEvents(), delivery.DefaultConfig(), log, func([]delivery.Task) {}))

	commands, queries, requests := bus.NewCommands(ops.InUnitOfWork(s.work)), bus.NewQueries(), store.NewRequests(db)
	bus.Handle(commands, command.NewCreateOrderHandler(s.orders, requests, queries, time.Hour).Handle)
	bus.Handle(commands, command.NewPayOrderHandler(s.orders).Handle)
	bus.Handle(commands, command.NewCancelOrderHandler(s.orders).Handle)
	bus.Handle(commands, command.NewCancelOrderByStaffHandler(s.orders).Handle)
	bus.Handle(commands, command.NewShipOrderHandler(s.orders).Handle)
	bus.Handle(commands, command.NewRefundOrderHandler(s.orders).Handle)
	views := store.NewViews(db)
	bus.Answer(queries, query.NewGetOrderHandler(views).Handle)
	bus.Answer(queries, query.NewFindByTokenHandler(views).Handle)
	bus.Answer(queries, query.NewFindRepeatedHandler(requests).Handle)
	bus.Answer(queries, offers)
	bus.Answer(queries, editions)

	server := web.NewServer(log, staffToken)
	secret, err := domain.NewSecret("a secret of the shop's, long enough")
	if err != nil {
		t.Fatal(err)
	}
	api.Register(server.API, commands, queries, simulator.New(db), secret)
	simulator.Register(server.API)
	listening := httptest.NewServer(server.Echo)
	t.Cleanup(listening.Close)
	s.url = listening.URL
	return s
}

func offers(_ context.Context, q stock.GetOffers) ([]stock.Offer, error) {
	var found []stock.Offer
	for _, sku := range q.SKUs {
		if sku == "TIDE-03-M" || sku == "MOSS-01-L" {
			found = append(found, stock.Offer{SKU: sku, Title: "Print " + sku, Size: "50 × 70 cm", Price: money.EUR(9000)})
		}
	}
	return found, nil
}

func editions(context.Context, stock.GetEditions) ([]stock.Edition, error) {
	return []stock.Edition{{SKU: "TIDE-03-M", Number: 7, EditionSize: 50}}, nil
}

// update changes an order behind the API's back, as its event handlers would.
func (s *shop) update(id order.ID, change func(*domain.Order) error) {
	s.t.Helper()
	err := s.work.Do(s.t.Context(), func(ctx context.Context) error { return s.orders.Update(ctx, id, change) })
	if err != nil {
		s.t.Fatal(err)
	}
}

// answer is an HTTP response, read.
type answer struct {
	header http.Header
	body   string
}

// call sends body as it is, and expects a status. Each call is a request of its own.
func (s *shop) call(method, path, body string, want int) answer {
	s.t.Helper()
	return s.callAgain(event.NewID(), method, path, body, want)
}

// callAgain is call with an idempotency key, or without one when it is empty.
func (s *shop) callAgain(key, method, path, body string, want int) answer {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+staffToken)
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	var read bytes.Buffer
	if _, err := read.ReadFrom(response.Body); err != nil {
		s.t.Fatal(err)
	}
	if response.StatusCode != want {
		s.t.Fatalf("%s %s %s: status %d, want %d: %s", method, path, body, response.StatusCode, want, read.String())
	}
	return answer{header: response.Header, body: read.String()}
}

// decode reads the answer's JSON, all of it.
func decode[T any](s *shop, a answer) T {
	s.t.Helper()
	var value T
	decoder := json.NewDecoder(strings.NewReader(a.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		s.t.Fatalf("%v in %s", err, a.body)
	}
	return value
}

// body is the request of an order that is right, but for what change does to it.
func body(change func(map[string]any)) string {
	request := map[string]any{
		"customer": map[string]any{"name": "Ada Lovelace", "email": "ada@example.com", "address": "12 St James's Square\nLondon"},
		"lines":    []any{map[string]any{"sku": "TIDE-03-M", "quantity": 2}, map[string]any{"sku": "MOSS-01-L", "quantity": 1}},
		"card":     goodCard,
	}
	change(request)
	encoded, err := json.Marshal(request)
	if err != nil {
		panic(err) // every test gives what JSON can hold
	}
	return string(encoded)
}

// place places an order that is right.
func (s *shop) place() api.OrderCreated {
	s.t.Helper()
	return decode[api.OrderCreated](s, s.call(http.MethodPost, "/api/v1/orders", body(func(map[string]any) {}), http.StatusCreated))
}

func (s *shop) status(created api.OrderCreated) api.OrderStatus {
	s.t.Helper()
	return decode[api.OrderStatus](s, s.call(http.MethodGet, created.StatusURL, "", http.StatusOK))
}
