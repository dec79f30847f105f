package store_test

import (
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/order"
	"tirage/internal/platform/event"
	"tirage/internal/stock/infrastructure/store"
)

// expectEvents compares the events of an order, and checks that they count from 1.
func (s *shop) expectEvents(id order.ID, want ...string) {
	s.t.Helper()
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	var got []string
	for _, e := range s.ledger.envelopes {
		if e.AggregateID != string(id) {
			continue
		}
		got = append(got, e.Type.Name)
		if e.AggregateVersion != len(got) || e.Aggregate != "stock.Reservation" {
			s.t.Errorf("event %d of the order is %s %d", len(got), e.Aggregate, e.AggregateVersion)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("events (-want +got):\n%s", diff)
	}
}

// expectItemEvents compares the events of a SKU.
func (s *shop) expectItemEvents(sku string, want ...string) {
	s.t.Helper()
	if diff := cmp.Diff(want, s.expectNoGap(sku)); diff != "" {
		s.t.Errorf("events of %s (-want +got):\n%s", sku, diff)
	}
}

// expectNoGap checks that the events of a SKU count from 1 up to its row's version, and
// returns their names.
func (s *shop) expectNoGap(sku string) (names []string) {
	s.t.Helper()
	s.ledger.mu.Lock()
	of := slices.DeleteFunc(slices.Clone(s.ledger.envelopes), func(e event.Envelope) bool { return e.AggregateID != sku })
	s.ledger.mu.Unlock()
	slices.SortFunc(of, func(x, y event.Envelope) int { return x.AggregateVersion - y.AggregateVersion })
	for i, e := range of {
		names = append(names, strings.TrimPrefix(e.Type.Name, "stock."))
		if e.AggregateVersion != i+1 || e.Aggregate != "stock.Item" {
			s.t.Errorf("event %d of %s is %s %d", i+1, sku, e.Aggregate, e.AggregateVersion)
		}
	}
	var version int
	s.must(s.db.Conn(s.t.Context()).Table("skus").Where("sku = ?", sku).Pluck("version", &version).Error)
	if version != len(names) {
		s.t.Errorf("%s is at version %d with %d events", sku, version, len(names))
	}
	return names
}

// levels is what a SKU's row counts.
type levels struct{ OnHand, Reserved, Sold, Issued int }

func (s *shop) expectLevels(sku string, want levels) {
	s.t.Helper()
	var got levels
	s.must(s.db.Conn(s.t.Context()).Table("skus").Where("sku = ?", sku).Take(&got).Error)
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("levels of %s (-want +got):\n%s", sku, diff)
	}
}

// numbers lists the numbers of a SKU that an order owns.
func (s *shop) numbers(id order.ID, sku string) []int {
	s.t.Helper()
	editions, err := store.NewCatalogue(s.db).Editions(s.t.Context(), string(id))
	s.must(err)
	var numbers []int
	for _, e := range editions {
		if e.SKU == sku {
			numbers = append(numbers, e.Number)
		}
	}
	return numbers
}

// checkBooks asks the database, in SQL, for what must hold whatever happened.
func (s *shop) checkBooks() {
	s.t.Helper()
	for what, count := range map[string]string{
		"SKUs that count as reserved what nobody holds": `
			SELECT count(*) FROM skus k WHERE k.reserved <> (
				SELECT COALESCE(SUM(l.quantity), 0) FROM reservation_lines l
				JOIN reservations r ON r.order_id = l.order_id
				WHERE l.sku = k.sku AND r.state = 'held')`,
		"SKUs that count as sold what nobody owns": `
			SELECT count(*) FROM skus k WHERE k.sold <> (
				SELECT count(*) FROM editions e WHERE e.sku = k.sku AND e.order_id IS NOT NULL)`,
		"SKUs whose numbers are not 1..issued": `
			SELECT count(*) FROM skus k WHERE k.issued <> (SELECT count(*) FROM editions e WHERE e.sku = k.sku)
				OR k.issued <> (SELECT COALESCE(MAX(e.number), 0) FROM editions e WHERE e.sku = k.sku)`,
		"SKUs that gained or lost copies": `
			SELECT count(*) FROM skus WHERE on_hand + sold <> edition_size`,
		"orders that own another number of copies than they bought": `
			SELECT count(*) FROM reservations r WHERE
				(SELECT count(*) FROM editions e WHERE e.order_id = r.order_id) <>
				(SELECT COALESCE(SUM(l.quantity), 0) FROM reservation_lines l
					WHERE l.order_id = r.order_id AND r.state = 'committed')`,
		"undecided reservations": `
			SELECT count(*) FROM reservations WHERE state = 'new' OR version = 0`,
	} {
		var found int
		s.must(s.db.Conn(s.t.Context()).Raw(count).Scan(&found).Error)
		if found != 0 {
			s.t.Errorf("%d %s", found, what)
		}
	}
}
