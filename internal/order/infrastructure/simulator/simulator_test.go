package simulator_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/order/infrastructure/simulator"
	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
	"tirage/internal/platform/money"
)

// The demonstration cards, by what they do.
const (
	approved = "4242 4242 4242 4242"
	declined = "4000 0000 0000 0002"
	outage   = "4000 0000 0000 0119"
	timeout  = "4000 0000 0000 0341"
	broken   = "4000 0000 0000 0069"
)

var amount = money.EUR(12000)

// result is one answer of the provider.
type result struct {
	outcome domain.Outcome
	err     error
}

func TestCharge(t *testing.T) {
	t.Parallel()
	yes, no := result{outcome: domain.Approved}, result{outcome: domain.Declined}
	down, lost := result{err: simulator.ErrUnavailable}, result{err: simulator.ErrTimeout}
	for number, want := range map[string][]result{
		approved: {yes, yes},
		declined: {no, no},
		outage:   {down, down, yes, yes},
		timeout:  {lost, yes, yes},
	} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				s := simulator.New(db)
				token := tokenize(t, s, number)
				for i, want := range want {
					outcome, err := s.Charge(t.Context(), "p1", token, amount)
					if outcome != want.outcome || !errors.Is(err, want.err) || bus.IsPermanent(err) {
						t.Errorf("call %d: %q, %v; want %q, %v", i+1, outcome, err, want.outcome, want.err)
					}
				}
			})
		})
	}
}

func TestABrokenCardFailsForGood(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := simulator.New(db)
		stranger, err := domain.ParseCardToken("somebody-else's")
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range []domain.CardToken{tokenize(t, s, broken), stranger} {
			if _, err := s.Charge(t.Context(), "p1", token, amount); !errors.Is(err, simulator.ErrRefused) || !bus.IsPermanent(err) {
				t.Errorf("charge %s: %v", token, err)
			}
		}
	})
}

func TestTwentyChargesWithOneKey(t *testing.T) {
	t.Parallel()
	for _, number := range []string{approved, timeout} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				s := simulator.New(db)
				token := tokenize(t, s, number)
				var lost int
				for _, r := range twenty(func() (domain.Outcome, error) { return s.Charge(t.Context(), "p1", token, amount) }) {
					if errors.Is(r.err, simulator.ErrTimeout) {
						lost++
					} else if r.err != nil || r.outcome != domain.Approved {
						t.Errorf("charge: %q, %v", r.outcome, r.err)
					}
				}
				if want := map[string]int{approved: 0, timeout: 1}[number]; lost != want {
					t.Errorf("%d answers were lost, want %d", lost, want)
				}
				expectBook(t, db, charge{Key: "p1", AmountMinor: amount.Minor, Currency: "EUR", Outcome: "approved", Calls: 20})
			})
		})
	}
}

func TestVoid(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := simulator.New(db)
		token := tokenize(t, s, approved)
		for _, ask := range []func() (domain.Outcome, error){
			func() (domain.Outcome, error) { return s.Void(t.Context(), "never") },
			func() (domain.Outcome, error) { return s.Charge(t.Context(), "never", token, amount) },
		} {
			if outcome, err := ask(); err != nil || outcome != domain.Declined {
				t.Errorf("a voided key is %q, %v", outcome, err)
			}
		}
		if _, err := s.Charge(t.Context(), "charged", token, amount); err != nil {
			t.Fatal(err)
		}
		if outcome, err := s.Void(t.Context(), "charged"); err != nil || outcome != domain.Approved {
			t.Errorf("a charge that is voided too late is %q, %v", outcome, err)
		}
	})
}

func TestVoidAgainstCharge(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := simulator.New(db)
		token := tokenize(t, s, approved)
		var mu sync.Mutex
		var calls int
		seen := map[domain.Outcome]bool{}
		for _, r := range twenty(func() (domain.Outcome, error) {
			mu.Lock()
			calls++
			void := calls%2 == 0
			mu.Unlock()
			if void {
				return s.Void(t.Context(), "p1")
			}
			return s.Charge(t.Context(), "p1", token, amount)
		}) {
			if r.err != nil {
				t.Error(r.err)
			}
			seen[r.outcome] = true
		}
		if len(seen) != 1 {
			t.Errorf("the provider gave different answers for one key: %v", seen)
		}
	})
}

func TestRefund(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := simulator.New(db)
		if _, err := s.Charge(t.Context(), "p1", tokenize(t, s, approved), amount); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Charge(t.Context(), "p2", tokenize(t, s, declined), amount); err != nil {
			t.Fatal(err)
		}
		for _, r := range twenty(func() (domain.Outcome, error) {
			return "", s.Refund(t.Context(), "p1-refund", "p1", amount)
		}) {
			if r.err != nil {
				t.Error(r.err)
			}
		}
		var refunded []int64
		if err := db.Conn(t.Context()).Table("simulator_refunds").Pluck("amount_minor", &refunded).Error; err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int64{amount.Minor}, refunded); diff != "" {
			t.Errorf("refunds (-want +got):\n%s", diff)
		}
		for payment, amount := range map[order.PaymentID]money.Amount{"p1": money.EUR(1), "p2": amount, "p3": amount} {
			err := s.Refund(t.Context(), "other-"+string(payment), payment, amount)
			if !errors.Is(err, simulator.ErrRefused) || !bus.IsPermanent(err) {
				t.Errorf("refund of %s over %s: %v", payment, amount, err)
			}
		}
	})
}

func TestTokenize(t *testing.T) {
	t.Parallel()
	s := simulator.New(nil)
	for _, card := range simulator.Cards() {
		for _, number := range []string{card.Number, strings.ReplaceAll(card.Number, " ", ""), strings.ReplaceAll(card.Number, " ", "-")} {
			token := tokenize(t, s, number)
			if strings.Contains(token.String(), strings.ReplaceAll(card.Number, " ", "")) {
				t.Errorf("token %s holds the card's number", token)
			}
		}
	}
	for _, bad := range []string{
		"", "4242", "4242 4242 4242 4241", "4242 4242 4242 424x", strings.Repeat("0", 30),
		"5555 5555 5555 4444", // no typing error, but not ours
	} {
		if _, err := s.Tokenize(bad); !errors.Is(err, domain.ErrInvalidCard) {
			t.Errorf("%q: %v", bad, err)
		} else if bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("the error repeats the number: %v", err)
		}
	}
}

func tokenize(t *testing.T, s *simulator.Simulator, number string) domain.CardToken {
	t.Helper()
	token, err := s.Tokenize(number)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// charge is a row of the book.
type charge struct {
	Key         string
	AmountMinor int64
	Currency    string
	Outcome     string
	Calls       int
}

func expectBook(t *testing.T, db *database.DB, want ...charge) {
	t.Helper()
	var got []charge
	if err := db.Conn(t.Context()).Table("simulator_charges").Order("key").Find(&got).Error; err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("book (-want +got):\n%s", diff)
	}
}

// twenty calls the provider twenty times at once.
func twenty(call func() (domain.Outcome, error)) []result {
	results := make([]result, 20)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() {
			<-start
			results[i].outcome, results[i].err = call()
		})
	}
	close(start)
	all.Wait()
	return results
}
