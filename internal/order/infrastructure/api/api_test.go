package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/order/infrastructure/api"
	"tirage/internal/order/infrastructure/simulator"
	"tirage/internal/platform/money"
	"tirage/internal/stock"
)

func TestCreateThenGetOrder(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	response := s.call(http.MethodPost, "/api/v1/orders", body(func(map[string]any) {}), http.StatusCreated)
	created := decode[api.OrderCreated](s, response)
	if response.header.Get("Location") != created.StatusURL {
		t.Errorf("Location is %q, want %q", response.header.Get("Location"), created.StatusURL)
	}

	price := money.EUR(9000) // stock's, whatever the client believes
	want := api.OrderStatus{
		View: order.View{
			ID: created.ID, Status: order.Placed, Total: money.EUR(27000),
			Customer: order.Customer{Name: "Ada Lovelace", Email: "ada@example.com", Address: "12 St James's Square\nLondon"},
			Lines: []order.Line{
				{SKU: "TIDE-03-M", Title: "Print TIDE-03-M", Size: "50 × 70 cm", Quantity: 2, Price: price},
				{SKU: "MOSS-01-L", Title: "Print MOSS-01-L", Size: "50 × 70 cm", Quantity: 1, Price: price},
			},
			Payments: []order.Payment{},
		},
		Editions: []stock.Edition{{SKU: "TIDE-03-M", Number: 7, EditionSize: 50}},
	}
	got := s.status(created)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(order.View{}, "PlacedAt", "PayBy")); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	if got.PayBy.Sub(got.PlacedAt) != time.Hour {
		t.Errorf("placed at %s, to be paid by %s", got.PlacedAt, got.PayBy)
	}
	if cache := s.call(http.MethodGet, created.StatusURL, "", http.StatusOK).header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control is %q", cache)
	}
}

func TestEventsCarryTheTrailOfTheRequest(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	response := s.call(http.MethodPost, "/api/v1/orders", body(func(map[string]any) {}), http.StatusCreated)
	created := decode[api.OrderCreated](s, response)
	var trail struct{ CorrelationID, CausationID string }
	if err := s.db.Conn(t.Context()).Table("events").Take(&trail).Error; err != nil {
		t.Fatal(err)
	}
	if trail.CorrelationID != string(created.ID) || trail.CausationID != response.header.Get("X-Request-Id") {
		t.Errorf("trail is %+v, want order %s and request %s", trail, created.ID, response.header.Get("X-Request-Id"))
	}
}

func TestNeitherCardNorTokenIsKept(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	created := s.place()
	for _, table := range []string{"orders", "order_lines", "payments", "events", "idempotency_keys", "simulator_charges"} {
		var rows []map[string]any
		if err := s.db.Conn(t.Context()).Table(table).Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{goodCard, strings.ReplaceAll(goodCard, " ", ""), created.Token} {
			if strings.Contains(fmt.Sprint(rows), secret) {
				t.Errorf("%s holds %s", table, secret)
			}
			if strings.Contains(s.log.String(), secret) {
				t.Errorf("the log holds %s", secret)
			}
		}
	}
}

func TestCreateOrderRefuses(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	customer := func(field, value string) func(map[string]any) {
		return func(r map[string]any) { r["customer"].(map[string]any)[field] = value }
	}
	line := func(field string, value any) func(map[string]any) {
		return func(r map[string]any) { r["lines"].([]any)[0].(map[string]any)[field] = value }
	}
	set := func(field string, value any) func(map[string]any) {
		return func(r map[string]any) { r[field] = value }
	}
	many := make([]any, domain.MaxLines+1)
	for i := range many {
		many[i] = map[string]any{"sku": fmt.Sprint("SKU-", i), "quantity": 1}
	}
	for name, change := range map[string]func(map[string]any){
		"unknown SKU":            line("sku", "NONE-99-S"),
		"empty SKU":              line("sku", ""),
		"SKU on two lines":       line("sku", "MOSS-01-L"),
		"quantity 0":             line("quantity", 0),
		"quantity 21":            line("quantity", 21),
		"quantity 1000":          line("quantity", 1000),
		"quantity 1.5":           line("quantity", 1.5),
		"quantity -1":            line("quantity", -1),
		"quantity beyond int64":  line("quantity", 1e30),
		"quantity as text":       line("quantity", "2"),
		"a price of one's own":   line("price", 1),
		"no lines":               set("lines", []any{}),
		"null lines":             set("lines", nil),
		"21 lines":               set("lines", many),
		"unknown field":          set("discount", 100),
		"unknown customer field": customer("phone", "1"),
		"no card":                func(r map[string]any) { delete(r, "card") },
		"no customer":            func(r map[string]any) { delete(r, "customer") },
		"no email":               func(r map[string]any) { delete(r["customer"].(map[string]any), "email") },
		"mistyped card":          set("card", "4242 4242 4242 4241"),
		"somebody's real card":   set("card", "5555 5555 5555 4444"),
		"card as number":         set("card", 4242424242424242),
		"bad email":              customer("email", "ada"),
		"display name in email":  customer("email", "Ada <ada@example.com>"),
		"header in email":        customer("email", "ada@example.com\r\nBcc: eve@example.com"),
		"header in name":         customer("name", "Ada\r\nBcc: eve@example.com"),
		"blank name":             customer("name", "   "),
		"name too long":          customer("name", strings.Repeat("x", 101)),
		"NUL in address":         customer("address", "London\x00"),
		"address too long":       customer("address", strings.Repeat("x", 501)),
	} {
		t.Run(name, func(t *testing.T) {
			s := *s
			s.t = t
			refused := s.call(http.MethodPost, "/api/v1/orders", body(change), http.StatusUnprocessableEntity)
			if !strings.HasPrefix(refused.header.Get("Content-Type"), "application/problem+json") {
				t.Errorf("answered as %s", refused.header.Get("Content-Type"))
			}
		})
	}
	for malformed, want := range map[string]int{
		"":                                  http.StatusBadRequest,
		"{":                                 http.StatusBadRequest,
		"\xff":                              http.StatusBadRequest,
		body(func(map[string]any) {}) + "}": http.StatusBadRequest,
		"{}":                                http.StatusUnprocessableEntity,
		"[]":                                http.StatusUnprocessableEntity,
		"null":                              http.StatusUnprocessableEntity,
		`"order"`:                           http.StatusUnprocessableEntity,
	} {
		s.call(http.MethodPost, "/api/v1/orders", malformed, want)
	}
	var orders int64
	if err := s.db.Conn(t.Context()).Table("orders").Count(&orders).Error; err != nil || orders != 0 {
		t.Errorf("%d orders were stored (%v)", orders, err)
	}
}

func TestPayOrder(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	created := s.place()
	path := created.StatusURL + "/payments"
	pay := fmt.Sprintf(`{"card": %q}`, goodCard)
	s.call(http.MethodPost, path, pay, http.StatusConflict) // it waits for stock
	s.update(created.ID, func(o *domain.Order) error {
		o.RequestPayment("p1", time.Now())
		return nil
	})
	s.call(http.MethodPost, path, pay, http.StatusConflict) // a payment is under way
	s.update(created.ID, func(o *domain.Order) error { return o.PaymentDeclined("p1", time.Now()) })

	s.call(http.MethodPost, path, `{"card": "4242"}`, http.StatusUnprocessableEntity)
	s.call(http.MethodPost, path, `{}`, http.StatusUnprocessableEntity)
	paid := decode[struct {
		PaymentID order.PaymentID `json:"payment_id"`
	}](s, s.call(http.MethodPost, path, pay, http.StatusAccepted))
	want := []order.Payment{{ID: "p1", Status: order.PaymentRefused}, {ID: paid.PaymentID, Status: order.PaymentUnresolved}}
	if diff := cmp.Diff(want, s.status(created).Payments); diff != "" {
		t.Errorf("payments (-want +got):\n%s", diff)
	}
}

func TestCancelOrder(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	created := s.place()
	s.call(http.MethodPost, created.StatusURL+"/cancellation", "", http.StatusNoContent)
	s.call(http.MethodPost, created.StatusURL+"/cancellation", "", http.StatusNoContent)
	if got := s.status(created); got.Status != order.Cancelled || got.Reason != order.ByCustomer {
		t.Errorf("order is %s, %s", got.Status, got.Reason)
	}

	underWay := s.place()
	s.update(underWay.ID, func(o *domain.Order) error {
		o.RequestPayment("p1", time.Now())
		return nil
	})
	s.call(http.MethodPost, underWay.StatusURL+"/cancellation", "", http.StatusConflict)
}

func TestRefundOrder(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	created := s.place()
	path := "/api/v1/staff/orders/" + string(created.ID) + "/refund"
	s.call(http.MethodPost, path, "", http.StatusConflict)
	s.update(created.ID, func(o *domain.Order) error {
		o.RequestPayment("p1", time.Now())
		if err := o.PaymentReceived("p1"); err != nil {
			return err
		}
		o.Confirm()
		return nil
	})
	s.call(http.MethodPost, path, "", http.StatusAccepted)
	s.call(http.MethodPost, path, "", http.StatusAccepted)
	if got := s.status(created).Payments[0].Status; got != order.PaymentReturning {
		t.Errorf("payment is %s", got)
	}
	for _, nobody := range []string{"nobody", string(order.NewID())} {
		s.call(http.MethodPost, "/api/v1/staff/orders/"+nobody+"/refund", "", http.StatusNotFound)
	}
}

func TestCancelOrderByStaff(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	created := s.place()
	s.update(created.ID, func(o *domain.Order) error {
		o.RequestPayment("p1", time.Now())
		return nil
	})
	path := "/api/v1/staff/orders/" + string(created.ID) + "/cancellation"
	s.call(http.MethodPost, path, "", http.StatusNoContent)
	s.call(http.MethodPost, path, "", http.StatusNoContent)
	if got := s.status(created); got.Status != order.Cancelled || got.Reason != order.ByStaff {
		t.Errorf("order is %s, %s", got.Status, got.Reason)
	}
	s.call(http.MethodPost, "/api/v1/staff/orders/nobody/cancellation", "", http.StatusNotFound)

	sold := s.sold()
	s.call(http.MethodPost, "/api/v1/staff/orders/"+string(sold.ID)+"/cancellation", "", http.StatusConflict)
}

func TestShipOrder(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	placed := s.place()
	path := func(id order.ID) string { return "/api/v1/staff/orders/" + string(id) + "/shipment" }
	parcel, other := `{"tracking": "rr 123 456 785 nl"}`, `{"tracking": "RR999999999NL"}`
	s.call(http.MethodPost, path(placed.ID), parcel, http.StatusConflict)
	s.call(http.MethodPost, path("nobody"), parcel, http.StatusNotFound)

	sold := s.sold()
	for _, bad := range []string{`{}`, `{"tracking": ""}`, `{"tracking": "RR_123"}`, `{"tracking": "RR123\nBcc: eve"}`, `{"tracking": 12345}`} {
		s.call(http.MethodPost, path(sold.ID), bad, http.StatusUnprocessableEntity)
	}
	s.call(http.MethodPost, path(sold.ID), parcel, http.StatusNoContent)
	s.call(http.MethodPost, path(sold.ID), parcel, http.StatusNoContent)
	s.call(http.MethodPost, path(sold.ID), other, http.StatusConflict)
	if got := s.status(sold); got.Status != order.Shipped || got.Tracking != "RR123456785NL" {
		t.Errorf("order is %s with %q", got.Status, got.Tracking)
	}
	s.call(http.MethodPost, "/api/v1/staff/orders/"+string(sold.ID)+"/refund", "", http.StatusAccepted)
}

// sold places an order and leads it to its confirmation.
func (s *shop) sold() api.OrderCreated {
	s.t.Helper()
	created := s.place()
	s.update(created.ID, func(o *domain.Order) error {
		payment := order.NewPaymentID()
		o.RequestPayment(payment, time.Now())
		if err := o.PaymentReceived(payment); err != nil {
			return err
		}
		o.Confirm()
		return nil
	})
	return created
}

func TestTheSameRequestLeadsToTheSameOrder(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	right := body(func(map[string]any) {})
	first := s.callAgain("key", http.MethodPost, "/api/v1/orders", right, http.StatusCreated)
	for _, again := range []string{right, " " + strings.ReplaceAll(right, ":", ": ")} {
		repeated := s.callAgain("key", http.MethodPost, "/api/v1/orders", again, http.StatusCreated)
		if repeated.body != first.body || repeated.header.Get("Location") != first.header.Get("Location") {
			t.Errorf("answered %s, at first %s", repeated.body, first.body)
		}
	}
	s.expectOrders(1)
	another := decode[api.OrderCreated](s, s.callAgain("another", http.MethodPost, "/api/v1/orders", right, http.StatusCreated))
	if another.ID == decode[api.OrderCreated](s, first).ID {
		t.Error("another key leads to the same order")
	}
	s.expectOrders(2)
}

func TestIdempotencyKeyIsRefused(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	right := body(func(map[string]any) {})
	s.callAgain("", http.MethodPost, "/api/v1/orders", right, http.StatusBadRequest)
	s.expectOrders(0)
	s.callAgain("key", http.MethodPost, "/api/v1/orders", right, http.StatusCreated)
	for name, change := range map[string]func(map[string]any){
		"another card":     func(r map[string]any) { r["card"] = "4000 0000 0000 0002" },
		"another quantity": func(r map[string]any) { r["lines"].([]any)[0].(map[string]any)["quantity"] = 3 },
	} {
		refused := s.callAgain("key", http.MethodPost, "/api/v1/orders", body(change), http.StatusUnprocessableEntity)
		if !strings.Contains(refused.body, domain.ErrKeyReused.Error()) {
			t.Errorf("%s: %s", name, refused.body)
		}
	}
	s.expectOrders(1)
}

// A request that was refused leaves its key free: it may be put right and sent again.
func TestARefusedRequestUsesNoKey(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	wrong := body(func(r map[string]any) { r["lines"].([]any)[0].(map[string]any)["sku"] = "NONE-99-S" })
	s.callAgain("key", http.MethodPost, "/api/v1/orders", wrong, http.StatusUnprocessableEntity)
	s.callAgain("key", http.MethodPost, "/api/v1/orders", body(func(map[string]any) {}), http.StatusCreated)
}

func (s *shop) expectOrders(want int64) {
	s.t.Helper()
	for _, table := range []string{"orders", "idempotency_keys", "events"} {
		var got int64
		if err := s.db.Conn(s.t.Context()).Table(table).Count(&got).Error; err != nil || got != want {
			s.t.Errorf("%d rows in %s, want %d (%v)", got, table, want, err)
		}
	}
}

func TestATokenExpires(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	created := s.place()
	age := func(age time.Duration) {
		placed := time.Now().Add(-age).UnixMicro()
		if err := s.db.Direct(t.Context()).Exec("UPDATE orders SET placed_at = ?", placed).Error; err != nil {
			t.Fatal(err)
		}
	}
	age(domain.TokenLifetime - time.Hour)
	s.call(http.MethodGet, created.StatusURL, "", http.StatusOK)
	age(domain.TokenLifetime + time.Hour)
	s.call(http.MethodGet, created.StatusURL, "", http.StatusNotFound)
	s.call(http.MethodPost, created.StatusURL+"/cancellation", "", http.StatusNotFound)
}

func TestOrdersOfOthersAreNotFound(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	created := s.place()
	for _, token := range []string{
		"nobody", string(created.ID), strings.ToLower(created.Token), domain.Token(created.Token).Hash(),
		created.Token[1:], created.Token + "A", strings.Repeat("A", 5000), "%20", "..%2f" + created.Token,
	} {
		path := "/api/v1/orders/" + token
		s.call(http.MethodGet, path, "", http.StatusNotFound)
		s.call(http.MethodPost, path+"/payments", `{"card": "4242 4242 4242 4242"}`, http.StatusNotFound)
		s.call(http.MethodPost, path+"/cancellation", "", http.StatusNotFound)
	}
}

func TestDemonstrationCards(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	cards := decode[[]simulator.Card](s, s.call(http.MethodGet, "/api/v1/payment/cards", "", http.StatusOK))
	if diff := cmp.Diff(simulator.Cards(), cards, cmpopts.IgnoreUnexported(simulator.Card{})); diff != "" {
		t.Errorf("cards (-want +got):\n%s", diff)
	}
}
