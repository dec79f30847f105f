package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tirage/internal/platform/delivery/redistest"
)

// PostgreSQL is killed, and later started again, while customers buy. An order that was
// taken is completed; a customer who could not be served is told so, and leaves nothing half
// done. An outage is nobody's failure: no attempt counts, nothing dies.
// The embedded database cannot be away: it is a file, and a killed process is its outage.
func TestAnOutageOfPostgresBreaksNothing(t *testing.T) {
	t.Parallel()
	postgres := ownPostgres(t)
	s := openShop(t, containers(postgres.url, redistest.URL(t)))
	known := s.crowd(40, s.buyOne)

	var mu sync.Mutex
	taken, refused := len(known), 0
	closing := make(chan struct{})
	var customers sync.WaitGroup
	for c := range 4 {
		customers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-closing:
					return
				case <-time.After(20 * time.Millisecond):
				}
				a, err := s.try(http.MethodPost, "/api/v1/orders", orderBody(plenty[(4*i+c)%len(plenty)], 1, cardApproved))
				mu.Lock()
				switch {
				case err != nil:
					t.Errorf("no answer: %v", err)
				case a.status == http.StatusCreated:
					taken++
				case a.status >= 500 && strings.HasPrefix(a.media, "application/problem+json"):
					refused++
				default:
					t.Errorf("the shop answers %s", a)
				}
				mu.Unlock()
			}
		})
	}
	soFar := func(n *int) int {
		mu.Lock()
		defer mu.Unlock()
		return *n
	}
	awaitMore := func(n *int, what string) {
		t.Helper()
		before := soFar(n)
		await(t, what, func() error {
			if soFar(n) < before+10 {
				return fmt.Errorf("%d are since", soFar(n)-before)
			}
			return nil
		})
	}
	awaitMore(&taken, "orders to be taken")
	postgres.kill()
	awaitMore(&refused, "customers to be refused")
	s.request(http.MethodGet, "/readyz", nil, http.StatusServiceUnavailable)
	s.request(http.MethodGet, "/healthz", nil, http.StatusOK)
	s.request(http.MethodGet, "/api/v1/orders/"+known[0].Token, nil, http.StatusServiceUnavailable)
	postgres.start()
	began := time.Now()
	awaitMore(&taken, "orders to be taken again")
	close(closing)
	customers.Wait()

	stored := s.awaitAllConfirmed()
	t.Logf("all was done %.1f s after PostgreSQL was started again; %d orders were taken, %d refused, %d are stored",
		time.Since(began).Seconds(), taken, refused, stored)
	// Of a commit that was not answered nobody knows whether it was made.
	if stored < taken || stored > taken+refused {
		t.Errorf("%d orders were taken, %d refused, and %d are stored", taken, refused, stored)
	}
	s.wantNoFailure()
}
