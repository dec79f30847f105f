package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whatever nonsense is sent to it, the shop answers with a problem (RFC 9457) of the right
// status, and nothing is stored or published.
func TestBadInputIsRefusedAndLeavesNothing(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		foreign := s.order("TIDE-01-M", 1, cardDeclined)
		s.awaitDeclined(foreign)
		s.awaitQuiet()
		before := s.ledger()

		for name, body := range badOrders() {
			a, err := s.try(http.MethodPost, "/api/v1/orders", body)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if want := map[string]int{"1 MiB": http.StatusRequestEntityTooLarge, "malformed JSON": http.StatusBadRequest,
				"half of it": http.StatusBadRequest, "nothing": http.StatusBadRequest}[name]; want != 0 && a.status != want {
				t.Errorf("%s: want %d, have %s", name, want, a)
			}
			s.wantProblem(name, a)
		}

		orders := "/api/v1/orders/"
		card := map[string]any{"card": cardApproved}
		garbled := foreign.Token[:len(foreign.Token)-1] + "_"
		for _, bad := range []struct {
			method, path string
			body         any
			status       int
		}{
			{http.MethodGet, orders + garbled, nil, http.StatusNotFound},
			{http.MethodGet, orders + foreign.ID, nil, http.StatusNotFound}, // an id is no token
			{http.MethodGet, orders + "%00%ff", nil, http.StatusBadRequest},
			{http.MethodGet, orders + "'%20OR%201=1--", nil, http.StatusNotFound},
			{http.MethodGet, orders + strings.Repeat("x", 5000), nil, http.StatusNotFound},
			{http.MethodGet, orders + garbled + "/timeline", nil, http.StatusNotFound},
			{http.MethodPost, orders + garbled + "/payments", card, http.StatusNotFound},
			{http.MethodPost, orders + garbled + "/cancellation", nil, http.StatusNotFound},
			{http.MethodPost, orders + foreign.Token + "/payments", map[string]any{"card": "1234"}, http.StatusUnprocessableEntity},
			{http.MethodPost, orders + foreign.Token + "/payments", "{", http.StatusBadRequest},
			{http.MethodGet, "/api/v1/skus/NOBODY-01-M", nil, http.StatusNotFound},
			{http.MethodGet, "/api/v1/skus/%00", nil, http.StatusBadRequest},
			{http.MethodGet, "/api/v1/skus/%ff", nil, http.StatusBadRequest},
			{http.MethodGet, "/api/v1/prints?%00", nil, http.StatusBadRequest},
			{http.MethodPost, "/api/v1/staff/orders/%00/refund", nil, http.StatusBadRequest},
			{http.MethodGet, "/api/v1/nothing", nil, http.StatusNotFound},
			{http.MethodDelete, orders + foreign.Token, nil, http.StatusMethodNotAllowed},
			{http.MethodPut, "/api/v1/staff/lab/x", map[string]any{"mode": "explode", "times": 1}, http.StatusUnprocessableEntity},
		} {
			a, err := s.try(bad.method, bad.path, bad.body)
			if err != nil {
				t.Errorf("%s %.80s: %v", bad.method, bad.path, err)
				continue
			}
			if a.status != bad.status {
				t.Errorf("%s %.80s: want %d, have %s", bad.method, bad.path, bad.status, a)
			}
			s.wantProblem(bad.method+" "+bad.path, a)
		}
		if diff := cmp.Diff(before, s.ledger()); diff != "" {
			t.Errorf("something was stored or published: %s", diff)
		}
	})
}

// wantProblem fails the test unless an answer is a problem response that blames the client
// and tells nothing of the inside.
func (s *shop) wantProblem(what string, a answer) {
	s.t.Helper()
	var problem struct {
		Status int    `json:"status"`
		Title  string `json:"title"`
	}
	err := json.Unmarshal(a.body, &problem)
	if err != nil || a.media != "application/problem+json" || problem.Status != a.status || problem.Title == "" ||
		a.status < 400 || a.status >= 500 {
		s.t.Errorf("%.80s: want a problem of the client's, have %s %s", what, a.media, a)
	}
	for _, inside := range []string{"SQLSTATE", "gorm", ".go:", "sql:"} {
		if strings.Contains(string(a.body), inside) {
			s.t.Errorf("%.80s: the answer tells of the inside: %s", what, a)
		}
	}
}

// badOrders are the bodies of orders that the shop must refuse, by what is wrong.
func badOrders() map[string]any {
	order := func(change func(order, customer, line map[string]any)) map[string]any {
		body := orderBody("TIDE-01-M", 1, cardApproved)
		change(body, body["customer"].(map[string]any), body["lines"].([]map[string]any)[0])
		return body
	}
	customer := func(field string, value any) map[string]any {
		return order(func(_, customer, _ map[string]any) { customer[field] = value })
	}
	line := func(field string, value any) map[string]any {
		return order(func(_, _, line map[string]any) { line[field] = value })
	}
	top := func(field string, value any) map[string]any {
		return order(func(order, _, _ map[string]any) { order[field] = value })
	}
	valid, err := json.Marshal(orderBody("TIDE-01-M", 1, cardApproved))
	if err != nil {
		panic(err) // it holds strings and numbers
	}
	bad := map[string]any{
		"nothing":                   "",
		"malformed JSON":            `{"customer": `,
		"half of it":                string(valid[:len(valid)/2]),
		"not an object":             `[]`,
		"null":                      `null`,
		"an empty object":           `{}`,
		"two objects":               string(valid) + string(valid),
		"1 MiB":                     top("note", strings.Repeat("x", 1<<20)),
		"invalid UTF-8 in a name":   strings.Replace(string(valid), "Ada Lovelace", "Ada \xff\xfe", 1),
		"an unknown SKU":            line("sku", "NOBODY-01-M"),
		"an empty SKU":              line("sku", ""),
		"a SKU that is a number":    line("sku", 7),
		"a price of one's own":      line("price", map[string]any{"minor": 1, "currency": "EUR"}),
		"a total of one's own":      top("total", 1),
		"an unknown field":          top("coupon", "FREE"),
		"an order id":               top("id", "mine"),
		"lines that are a string":   top("lines", "TIDE-01-M"),
		"no lines":                  top("lines", []any{}),
		"21 lines":                  top("lines", slicesOf(21, map[string]any{"sku": "TIDE-01-M", "quantity": 1})),
		"the same SKU twice":        top("lines", slicesOf(2, map[string]any{"sku": "TIDE-01-M", "quantity": 1})),
		"no customer":               top("customer", nil),
		"no card":                   top("card", ""),
		"a mistyped card":           top("card", "4242 4242 4242 4243"),
		"a real card":               top("card", "5555 5555 5555 4444"),
		"a card that is a number":   top("card", 4242424242424242),
		"no name":                   customer("name", ""),
		"a blank name":              customer("name", "   "),
		"a long name":               customer("name", strings.Repeat("x", 101)),
		"no address":                customer("address", ""),
		"a NUL in an address":       customer("address", "12 St James's Square\x00London"),
		"an unknown customer field": customer("password", "secret"),
	}
	for _, quantity := range []any{0, -1, 1000, 21, 1.5, "1", true, nil, 1e100} {
		bad[fmt.Sprintf("quantity %v", quantity)] = line("quantity", quantity)
	}
	for _, email := range []string{
		"", "ada", "@example.com", "ada@", "ada@example.com, eve@example.com", "ada@example.com\r\nBcc: eve@example.com",
		"Ada <ada@example.com>", "ada@exam\nple.com", strings.Repeat("a", 250) + "@example.com",
	} {
		bad[fmt.Sprintf("e-mail %.40q", email)] = customer("email", email)
	}
	for _, name := range []string{"Ada\r\nBcc: eve@example.com", "Ada\nLovelace", "Ada\x00"} {
		bad[fmt.Sprintf("name %q", name)] = customer("name", name)
	}
	return bad
}

func slicesOf(n int, element any) []any {
	all := make([]any, n)
	for i := range all {
		all[i] = element
	}
	return all
}

// Staff's doors open to staff's token alone, and to nobody where none is configured.
func TestStaffEndpointsWantTheToken(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		p := s.order("TIDE-01-M", 1, cardApproved)
		s.awaitStatus(p, "confirmed")
		s.awaitQuiet()
		for _, authorization := range []string{"", "Bearer", "Bearer ", "Bearer wrong", staffToken, "Basic " + staffToken} {
			a, err := s.send(http.MethodPost, "/api/v1/staff/orders/"+p.ID+"/refund", nil, map[string]string{"Authorization": authorization})
			if err != nil {
				t.Fatal(err)
			}
			if a.status != http.StatusUnauthorized {
				t.Errorf("authorization %q: %s", authorization, a)
			}
		}
		s.stop()
		s.start("SHOP_STAFF_TOKEN=")
		for _, authorization := range []string{"", "Bearer", "Bearer ", "Bearer " + staffToken} {
			a, err := s.send(http.MethodPost, "/api/v1/staff/orders/"+p.ID+"/refund", nil, map[string]string{"Authorization": authorization})
			if err != nil {
				t.Fatal(err)
			}
			if a.status != http.StatusUnauthorized {
				t.Errorf("no token configured, authorization %q: %s", authorization, a)
			}
		}
		if v := s.view(p); v.Status != "confirmed" {
			t.Errorf("the order is %s", v.Status)
		}
	})
}
