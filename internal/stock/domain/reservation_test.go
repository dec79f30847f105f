package domain_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/platform/event"
	"tirage/internal/stock"
	"tirage/internal/stock/domain"
)

// shelf is a domain.Shelf that writes down every move.
type shelf struct {
	forSale map[string]int
	moves   []string
	err     error
}

func (s *shelf) Hold(l domain.Line) (bool, error) {
	err := s.note("hold", l)
	return s.forSale[l.SKU.String()] >= l.Quantity, err
}
func (s *shelf) PutBack(l domain.Line) error            { return s.note("put back", l) }
func (s *shelf) Number(_ string, l domain.Line) error   { return s.note("number", l) }
func (s *shelf) TakeBack(_ string, l domain.Line) error { return s.note("take back", l) }

func (s *shelf) note(move string, l domain.Line) error {
	s.moves = append(s.moves, fmt.Sprintf("%s %d %s", move, l.Quantity, l.SKU))
	return s.err
}

const orderID = "order-1"

func in(state domain.State, lines ...domain.Line) *domain.Reservation {
	return domain.FromSnapshot(domain.Snapshot{OrderID: orderID, State: state, Lines: lines})
}

func line(t *testing.T, sku string, quantity int) domain.Line {
	t.Helper()
	l, err := domain.NewLine(sku, quantity)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func facts(r *domain.Reservation) []event.Fact {
	var facts []event.Fact
	for _, recorded := range r.Recorded() {
		facts = append(facts, recorded.Fact)
	}
	return facts
}

func expect(t *testing.T, r *domain.Reservation, state domain.State, s *shelf, moves []string, recorded ...event.Fact) {
	t.Helper()
	if got := r.Snapshot().State; got != state {
		t.Errorf("state is %s, not %s", got, state)
	}
	if diff := cmp.Diff(moves, s.moves); diff != "" {
		t.Errorf("moves on the shelf (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(recorded, facts(r)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestReserveHoldsEachSKUOnceInOrder(t *testing.T) {
	t.Parallel()
	s := &shelf{forSale: map[string]int{"TIDE-01-S": 3, "LOOM-02-M": 1}}
	r := in(domain.New)
	wanted := []domain.Line{line(t, "TIDE-01-S", 1), line(t, "LOOM-02-M", 1), line(t, "TIDE-01-S", 2)}
	if err := r.Reserve(wanted, s); err != nil {
		t.Fatal(err)
	}
	expect(t, r, domain.Held, s, []string{"hold 1 LOOM-02-M", "hold 3 TIDE-01-S"},
		stock.StockReserved{OrderID: orderID})
}

func TestReserveHoldsNothingWhenOneSKUIsShort(t *testing.T) {
	t.Parallel()
	s := &shelf{forSale: map[string]int{"LOOM-02-M": 1, "TIDE-01-S": 2, "TIDE-02-S": 9}}
	r := in(domain.New)
	wanted := []domain.Line{line(t, "TIDE-02-S", 1), line(t, "TIDE-01-S", 3), line(t, "LOOM-02-M", 1)}
	if err := r.Reserve(wanted, s); err != nil {
		t.Fatal(err)
	}
	expect(t, r, domain.Rejected, s, []string{"hold 1 LOOM-02-M", "hold 3 TIDE-01-S", "put back 1 LOOM-02-M"},
		stock.StockRejected{OrderID: orderID, SKU: "TIDE-01-S"})
	if got := r.Snapshot().Short; got != "TIDE-01-S" {
		t.Errorf("short is %q", got)
	}
}

func TestReserveYieldsToAnEarlierRelease(t *testing.T) {
	t.Parallel()
	s := &shelf{forSale: map[string]int{"TIDE-01-S": 1}}
	r := in(domain.New)
	if err := r.Release(s); err != nil {
		t.Fatal(err)
	}
	if err := r.Reserve([]domain.Line{line(t, "TIDE-01-S", 1)}, s); err != nil {
		t.Fatal(err)
	}
	expect(t, r, domain.Released, s, nil, stock.StockReleased{OrderID: orderID})
}

// What each method does from each state, with one line of two copies: where it leads,
// and what it moves. Where it leads nowhere it must move and record nothing.
func TestFromEveryState(t *testing.T) {
	t.Parallel()
	methods := []string{"reserve", "release", "number", "return"}
	call := func(r *domain.Reservation, method string, two domain.Line, s domain.Shelf) error {
		switch method {
		case "reserve":
			return r.Reserve([]domain.Line{two}, s)
		case "release":
			return r.Release(s)
		case "number":
			return r.NumberEditions(s)
		default:
			return r.ReturnEditions(s)
		}
	}
	type step struct {
		to   domain.State
		move string
	}
	steps := map[domain.State]map[string]step{
		domain.Held: {
			"release": {domain.Released, "put back 2 TIDE-01-S"},
			"number":  {domain.Committed, "number 2 TIDE-01-S"},
			"return":  {domain.Released, "put back 2 TIDE-01-S"},
		},
		domain.Committed: {
			"return": {domain.Returned, "take back 2 TIDE-01-S"},
		},
		domain.Rejected: {}, domain.Released: {}, domain.Returned: {},
	}
	for state, from := range steps {
		for _, method := range methods {
			t.Run(string(state)+"/"+method, func(t *testing.T) {
				t.Parallel()
				two := line(t, "TIDE-01-S", 2)
				s := &shelf{forSale: map[string]int{"TIDE-01-S": 2}}
				r := in(state, two)
				if err := call(r, method, two, s); err != nil {
					t.Fatal(err)
				}
				want, leads := from[method]
				if !leads {
					expect(t, r, state, s, nil)
					return
				}
				if len(r.Recorded()) != 1 {
					t.Fatalf("recorded %v", facts(r))
				}
				expect(t, r, want.to, s, []string{want.move}, facts(r)...)
			})
		}
	}
}

func TestWhatIsSoldAndReturnedIsRecorded(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	r := in(domain.Held, line(t, "TIDE-01-S", 2))
	for range 2 {
		if err := errors.Join(r.NumberEditions(s), r.Release(s)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := r.ReturnEditions(s); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, r, domain.Returned, s, []string{"number 2 TIDE-01-S", "take back 2 TIDE-01-S"},
		stock.EditionsNumbered{OrderID: orderID}, stock.EditionsReturned{OrderID: orderID})
}

func TestNumberingWaitsForTheReservation(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	r := in(domain.New)
	if err := r.NumberEditions(s); !errors.Is(err, domain.ErrNotReserved) {
		t.Errorf("error is %v", err)
	}
	expect(t, r, domain.New, s, nil)
}

func TestARefundedOrderIsNotNumberedLater(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	r := in(domain.Held, line(t, "TIDE-01-S", 1))
	if err := errors.Join(r.ReturnEditions(s), r.NumberEditions(s)); err != nil {
		t.Fatal(err)
	}
	expect(t, r, domain.Released, s, []string{"put back 1 TIDE-01-S"}, stock.StockReleased{OrderID: orderID})
}

func TestErrorsOfTheShelfAreReturned(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	s := &shelf{err: broken}
	two := line(t, "TIDE-01-S", 2)
	for name, err := range map[string]error{
		"reserve": in(domain.New).Reserve([]domain.Line{two}, s),
		"release": in(domain.Held, two).Release(s),
		"number":  in(domain.Held, two).NumberEditions(s),
		"return":  in(domain.Committed, two).ReturnEditions(s),
	} {
		if !errors.Is(err, broken) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}
