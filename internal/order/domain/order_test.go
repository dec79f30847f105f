package domain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/platform/event"
	"tirage/internal/platform/money"
)

const window = 30 * time.Minute

var (
	placedAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	deadline = placedAt.Add(window)
)

func TestPlace(t *testing.T) {
	t.Parallel()
	o := placed(t)
	expect(t, o, order.OrderCreated{OrderID: "o1"})
	want := domain.Snapshot{
		ID: "o1", Version: 1, TokenHash: token.Hash(), Status: order.Placed,
		Customer: order.Customer{Name: "Ada", Email: "ada@example.com", Address: "12 St James's Square\nLondon"},
		Lines: []order.Line{
			{SKU: "A", Title: "Tide", Size: "small", Quantity: 2, Price: money.EUR(9000)},
			{SKU: "B", Title: "Moss", Size: "large", Quantity: 1, Price: money.EUR(20050)},
		},
		Total: money.EUR(38050), CardToken: "tok_checkout", PlacedAt: placedAt, PayBy: deadline,
	}
	if diff := cmp.Diff(want, o.Snapshot()); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestPlaceRefuses(t *testing.T) {
	t.Parallel()
	many := make([]domain.Line, domain.MaxLines+1)
	for i := range many {
		many[i] = line(t, strings.Repeat("X", i+1), 1, money.EUR(1))
	}
	for name, c := range map[string]struct {
		change func(*domain.Checkout)
		want   error
	}{
		"no lines":       {func(c *domain.Checkout) { c.Lines = nil }, domain.ErrInvalidLines},
		"too many lines": {func(c *domain.Checkout) { c.Lines = many }, domain.ErrInvalidLines},
		"a SKU on two lines": {func(c *domain.Checkout) {
			c.Lines = []domain.Line{line(t, "A", 1, money.EUR(1)), line(t, "A", 2, money.EUR(1))}
		}, domain.ErrInvalidLines},
		"two currencies": {func(c *domain.Checkout) {
			c.Lines = []domain.Line{line(t, "A", 1, money.EUR(1)), line(t, "B", 1, money.Amount{Minor: 1, Currency: "USD"})}
		}, money.ErrCurrencyMismatch},
		"a guessable token": {func(c *domain.Checkout) { c.Token = "short" }, domain.ErrInvalidToken},
		"no card":           {func(c *domain.Checkout) { c.Card = domain.CardToken{} }, domain.ErrInvalidCard},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkout := checkout(t)
			c.change(&checkout)
			if _, err := domain.Place(checkout, placedAt, window); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestSnapshotKeepsEverything(t *testing.T) {
	t.Parallel()
	o := declined(t)
	must(t, o.PayAgain("p2", card(t, "tok_second"), placedAt))
	must(t, o.PaymentReceived("p2"))
	o.Confirm()
	must(t, o.Ship(tracking(t, "RR123456785NL")))
	want := o.Snapshot()
	again := domain.FromSnapshot(want)
	if diff := cmp.Diff(want, again.Snapshot()); diff != "" {
		t.Errorf("snapshot of a snapshot (-want +got):\n%s", diff)
	}
	if len(again.Recorded()) != 0 || again.StoredVersion() != want.Version {
		t.Errorf("recalled at version %d with %d events, want %d and none", again.StoredVersion(), len(again.Recorded()), want.Version)
	}
}

var token = domain.Token("a-token-of-at-least-22-bytes")

func checkout(t *testing.T) domain.Checkout {
	t.Helper()
	customer, err := domain.NewCustomer("Ada", "ada@example.com", "12 St James's Square\nLondon")
	must(t, err)
	two, err := domain.NewQuantity(2)
	must(t, err)
	one, err := domain.NewQuantity(1)
	must(t, err)
	return domain.Checkout{
		ID: "o1", Token: token, Customer: customer, Card: card(t, "tok_checkout"),
		Lines: []domain.Line{
			domain.NewLine("A", "Tide", "small", two, money.EUR(9000)),
			domain.NewLine("B", "Moss", "large", one, money.EUR(20050)),
		},
	}
}

func line(t *testing.T, sku string, copies int, price money.Amount) domain.Line {
	t.Helper()
	quantity, err := domain.NewQuantity(copies)
	must(t, err)
	return domain.NewLine(sku, "", "", quantity, price)
}

func card(t *testing.T, token string) domain.CardToken {
	t.Helper()
	c, err := domain.ParseCardToken(token)
	must(t, err)
	return c
}

// placed is a new order; the functions below lead it on, each to the state it is named
// after. None of them leaves events behind but placed.
func placed(t *testing.T) *domain.Order {
	t.Helper()
	o, err := domain.Place(checkout(t), placedAt, window)
	must(t, err)
	return o
}

func reserved(t *testing.T) *domain.Order {
	t.Helper()
	o := placed(t)
	o.RequestPayment("p1", placedAt)
	o.ReleaseEvents()
	return o
}

func declined(t *testing.T) *domain.Order {
	t.Helper()
	o := reserved(t)
	must(t, o.PaymentDeclined("p1", placedAt))
	o.ReleaseEvents()
	return o
}

func paid(t *testing.T) *domain.Order {
	t.Helper()
	o := reserved(t)
	must(t, o.PaymentReceived("p1"))
	o.ReleaseEvents()
	return o
}

func confirmed(t *testing.T) *domain.Order {
	t.Helper()
	o := paid(t)
	o.Confirm()
	o.ReleaseEvents()
	return o
}

func shipped(t *testing.T) *domain.Order {
	t.Helper()
	o := confirmed(t)
	must(t, o.Ship(tracking(t, "RR123456785NL")))
	o.ReleaseEvents()
	return o
}

// cancelled was cancelled while its payment p1 was under way.
func cancelled(t *testing.T) *domain.Order {
	t.Helper()
	o := reserved(t)
	o.CancelUnpaid(deadline.Add(domain.PaymentGrace))
	o.ReleaseEvents()
	return o
}

// expect compares what the order recorded since it was last asked.
func expect(t *testing.T, o *domain.Order, want ...event.Fact) {
	t.Helper()
	var got []event.Fact
	for _, r := range o.ReleaseEvents() {
		got = append(got, r.Fact)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func expectStatus(t *testing.T, o *domain.Order, want order.Status, payments ...order.PaymentStatus) {
	t.Helper()
	s := o.Snapshot()
	var got []order.PaymentStatus
	for _, p := range s.Payments {
		got = append(got, p.Status)
	}
	if s.Status != want || !cmp.Equal(payments, got) {
		t.Errorf("order is %s with payments %v, want %s with %v", s.Status, got, want, payments)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func expectError(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("error is %v, want %v", got, want)
	}
}
