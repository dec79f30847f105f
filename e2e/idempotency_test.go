package e2e_test

import (
	"net/http"
	"sync"
	"testing"
)

// An Idempotency-Key makes an order safe to send again, when the answer was lost: there is
// one order for it, however often and however simultaneously it comes.
func TestARequestSentAgainIsTheSameOrder(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		const senders = 20
		body, other := orderBody("TIDE-04-L", 1, cardApproved), orderBody("TIDE-04-M", 1, cardApproved)
		send := func(body any, headers map[string]string) (answer, error) {
			return s.send(http.MethodPost, "/api/v1/orders", body, headers)
		}
		key := map[string]string{"Idempotency-Key": "one order"}
		answers, errs := make([]answer, senders), make([]error, senders)
		var group sync.WaitGroup
		for i := range senders {
			group.Go(func() { answers[i], errs[i] = send(body, key) })
		}
		group.Wait()
		var first placed
		for i, a := range answers {
			var p placed
			if errs[i] != nil || a.status != http.StatusCreated || a.into(&p) != nil {
				t.Fatalf("answer %d: %v %s", i, errs[i], a)
			}
			if i == 0 {
				first = p
			}
			if p != first || a.location != p.StatusURL {
				t.Errorf("answer %d is %+v at %s, the first was %+v", i, p, a.location, first)
			}
		}
		s.awaitStatus(first, "confirmed")
		if again, err := send(body, key); err != nil || again.status != http.StatusCreated {
			t.Errorf("sent again after the sale: %v %s", err, again)
		}
		for what, refused := range map[string]struct {
			body    any
			headers map[string]string
			status  int
		}{
			"the key of another body": {other, key, http.StatusUnprocessableEntity},
			"no key":                  {other, nil, http.StatusBadRequest},
			"an empty key":            {other, map[string]string{"Idempotency-Key": ""}, http.StatusBadRequest},
		} {
			a, err := send(refused.body, refused.headers)
			if err != nil || a.status != refused.status {
				t.Errorf("%s: want %d, have %v %s", what, refused.status, err, a)
			}
			s.wantProblem(what, a)
		}
		if orders := s.count(`SELECT COUNT(*) FROM orders`); orders != 1 {
			t.Errorf("%d orders", orders)
		}
	})
}
