package e2e_test

import (
	"sync"
	"testing"
)

// SIGTERM in the middle of a rush: the shop stops listening, ends what it began and exits
// with 0. Every order that it took is completed, if need be by the shop that follows.
func TestSIGTERMLosesNothing(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		s := openShop(t, b)
		var mu sync.Mutex
		var taken []placed
		enough := make(chan struct{})
		var customers sync.WaitGroup
		for range 8 {
			customers.Go(func() {
				for { // until the shop is closed
					p, err := s.tryPlace(orderBody("TIDE-01-M", 1, cardApproved))
					if err != nil {
						return
					}
					mu.Lock()
					taken = append(taken, p)
					if len(taken) == 30 {
						close(enough)
					}
					mu.Unlock()
				}
			})
		}
		gone := make(chan struct{})
		go func() {
			customers.Wait()
			close(gone)
		}()
		select {
		case <-enough:
		case <-gone:
			t.Fatalf("only %d orders were taken", len(taken))
		}
		s.stop() // which wants status 0
		<-gone
		t.Logf("%d orders were taken before it closed, %d deliveries were left for later", len(taken),
			s.count(`SELECT COUNT(*) FROM deliveries WHERE state = 'pending' AND due_at <= `+s.db.Now()))
		s.start()
		sold := 0
		for _, p := range taken {
			s.awaitOrder(p, decided)
			if s.view(p).Status == "confirmed" {
				sold++
			}
		}
		if stored := s.count(`SELECT COUNT(*) FROM orders`); stored < len(taken) {
			t.Errorf("%d orders are stored, %d were taken", stored, len(taken))
		}
		if failed := s.count(`SELECT COUNT(*) FROM delivery_attempts WHERE outcome <> 'done'`); failed != 0 {
			t.Errorf("the shutdown made %d attempts fail", failed)
		}
		if want := min(len(taken), 50); sold < want && s.count(`SELECT COUNT(*) FROM orders WHERE status = 'confirmed'`) != 50 {
			t.Errorf("%d of %d orders were sold, of an edition of 50", sold, len(taken))
		}
	})
}
