package domain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/platform/event"
	"tirage/internal/stock"
	"tirage/internal/stock/domain"
)

// item is a SKU of which so many are for sale, and nothing is held or sold.
func item(t *testing.T, edition, available int) *domain.Item {
	t.Helper()
	sku, err := domain.ParseSKU("TEST-01-S")
	if err != nil {
		t.Fatal(err)
	}
	return domain.ItemFromSnapshot(domain.ItemSnapshot{SKU: sku, Edition: edition, Levels: domain.Levels{OnHand: available}})
}

// news lists what an item recorded, without the ids.
func news(t *testing.T, i *domain.Item) []event.Fact {
	t.Helper()
	var facts []event.Fact
	for _, recorded := range i.ReleaseEvents() {
		switch fact := recorded.Fact.(type) {
		case stock.StockRanLow:
			if fact.ShortageID == "" {
				t.Error("a shortage has no id")
			}
			fact.ShortageID = ""
			facts = append(facts, fact)
		case stock.StockReplenished:
			if fact.ReplenishmentID == "" {
				t.Error("a replenishment has no id")
			}
			fact.ReplenishmentID = ""
			facts = append(facts, fact)
		}
	}
	return facts
}

func TestMoved(t *testing.T) {
	t.Parallel()
	low := func(available int) event.Fact { return stock.StockRanLow{SKU: "TEST-01-S", Available: available} }
	back := func(available int) event.Fact { return stock.StockReplenished{SKU: "TEST-01-S", Available: available} }
	for name, c := range map[string]struct {
		edition, before, after int
		want                   []event.Fact
	}{
		"above a tenth":             {50, 10, 6, nil},
		"down to a tenth":           {50, 6, 5, []event.Fact{low(5)}},
		"past a tenth":              {50, 50, 0, []event.Fact{low(0)}},
		"lower still":               {50, 5, 4, nil},
		"up to more than a tenth":   {50, 4, 6, nil},
		"a first one returns":       {50, 0, 1, []event.Fact{back(1)}},
		"another one returns":       {50, 1, 2, nil},
		"a tenth is rounded down":   {19, 2, 1, []event.Fact{low(1)}},
		"the last of few":           {3, 2, 1, []event.Fact{low(1)}},
		"the only one":              {1, 1, 0, nil},
		"the only one returns":      {1, 0, 1, []event.Fact{back(1)}},
		"nothing moved in the end":  {50, 7, 7, nil},
		"nothing moved while empty": {50, 0, 0, nil},
	} {
		i := item(t, c.edition, c.before)
		i.Moved(domain.Levels{OnHand: c.after})
		if diff := cmp.Diff(c.want, news(t, i)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWhatIsHeldIsNotForSale(t *testing.T) {
	t.Parallel()
	i := item(t, 10, 10)
	i.Moved(domain.Levels{OnHand: 10, Reserved: 10})
	i.Moved(domain.Levels{Sold: 10})
	i.Moved(domain.Levels{OnHand: 1, Sold: 9})
	want := []event.Fact{
		stock.StockRanLow{SKU: "TEST-01-S", Available: 0}, stock.StockReplenished{SKU: "TEST-01-S", Available: 1},
	}
	if diff := cmp.Diff(want, news(t, i)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func restockOf(t *testing.T, id string, quantity int) domain.Restock {
	t.Helper()
	r, err := domain.NewRestock(id, quantity, domain.Printed)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRestock(t *testing.T) {
	t.Parallel()
	i := item(t, 10, 4)
	if err := errors.Join(i.Restock(restockOf(t, "a", 5)), i.Restock(restockOf(t, "a", 5))); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]event.Fact{stock.StockReplenished{SKU: "TEST-01-S", Available: 9}}, news(t, i)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if err := i.Restock(restockOf(t, "a", 1)); !errors.Is(err, domain.ErrRestockExists) {
		t.Errorf("another restock of the same id: %v", err)
	}
	if err := i.Restock(restockOf(t, "b", 2)); !errors.Is(err, domain.ErrEditionFull) {
		t.Errorf("more than the edition: %v", err)
	}
	i.Moved(domain.Levels{OnHand: 3, Sold: 6})
	if err := i.Restock(restockOf(t, "b", 2)); !errors.Is(err, domain.ErrEditionFull) {
		t.Errorf("what is sold is of the edition too: %v", err)
	}
	if err := i.Restock(restockOf(t, "b", 1)); err != nil {
		t.Error(err)
	}
	want := domain.ItemSnapshot{
		SKU: i.Snapshot().SKU, Version: 2, Edition: 10, Levels: domain.Levels{OnHand: 4, Sold: 6},
		Restocks: []domain.Restock{restockOf(t, "a", 5), restockOf(t, "b", 1)},
	}
	if diff := cmp.Diff(want, i.Snapshot(), cmp.AllowUnexported(domain.SKU{})); diff != "" {
		t.Errorf("item (-want +got):\n%s", diff)
	}
}

func TestNewRestockRefuses(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "a b", "a\n", "é", strings.Repeat("a", 65)} {
		if _, err := domain.NewRestock(id, 1, domain.Found); !errors.Is(err, domain.ErrInvalidRestock) {
			t.Errorf("id %q: %v", id, err)
		}
	}
	if _, err := domain.NewRestock("a", 1, "stolen"); !errors.Is(err, domain.ErrInvalidRestock) {
		t.Errorf("unknown reason: %v", err)
	}
	for _, quantity := range []int{0, -1} {
		if _, err := domain.NewRestock("a", quantity, domain.Found); !errors.Is(err, domain.ErrQuantity) {
			t.Errorf("quantity %d: %v", quantity, err)
		}
	}
}
