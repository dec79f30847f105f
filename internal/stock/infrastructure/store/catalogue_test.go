package store_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
	"tirage/internal/platform/money"
	"tirage/internal/stock"
	"tirage/internal/stock/infrastructure/catalogue"
	"tirage/internal/stock/infrastructure/store"
)

func TestSeedingAgainNeverResetsStock(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		id := s.place(A, 4)
		s.must(s.created(id), s.paid(id))
		dearer := demo()
		dearer[0].Prints[0].Sizes[0].Price = money.EUR(99999)
		dearer[0].Prints[0].Sizes[0].Edition = 99
		s.must(sideBySide(8, func(int) error { return store.Seed(t.Context(), s.db, dearer) }))
		s.expectLevels(A, levels{OnHand: 6, Sold: 4, Issued: 4})
		offers, err := store.NewCatalogue(s.db).Offers(t.Context(), []string{A})
		s.must(err)
		if offers[0].Price != money.EUR(9000) || offers[0].EditionSize != 10 {
			t.Errorf("the offer became %+v", offers[0])
		}
	})
}

func TestSeedingAddsWhatIsNew(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		more := demo()
		second := &more[0].Prints[1]
		second.Sizes = append(second.Sizes, catalogue.Size{Code: "L", Label: "70 × 100 cm", Edition: 3, Printed: 2, Price: money.EUR(50000)})
		s.must(store.Seed(t.Context(), s.db, more))
		s.expectLevels("TEST-02-L", levels{OnHand: 2})
		s.must(s.restock("TEST-02-L", "note-1", 1))
	})
}

func TestSeveralProgramsSeedTheWholeCatalogueAtOnce(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		if err := sideBySide(6, func(int) error { return store.Seed(t.Context(), db, catalogue.All()) }); err != nil {
			t.Fatal(err)
		}
		prints, err := store.NewCatalogue(db).Prints(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got, want []string
		for _, p := range prints {
			got = append(got, p.Series+": "+p.Title)
			for _, offer := range p.Sizes {
				got = append(got, fmt.Sprintf("%s %s %s %d of %d", offer.SKU, offer.Size, offer.Price, offer.Available, offer.EditionSize))
			}
		}
		for _, s := range catalogue.All() {
			for _, p := range s.Prints {
				want = append(want, s.Title+": "+p.Title)
				for _, size := range p.Sizes {
					want = append(want, fmt.Sprintf("%s %s %s %d of %d", p.SKU(size), size.Label, size.Price, size.Printed, size.Edition))
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("prints (-want +got):\n%s", diff)
		}
	})
}

func TestOffersAreAnsweredInTheOrderOfTheQuestion(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		held := s.place(B, 3)
		s.must(s.created(held))
		offers, err := store.NewCatalogue(s.db).Offers(t.Context(), []string{B, "TEST-99-S", A})
		s.must(err)
		want := []stock.Offer{
			{SKU: B, PrintID: "test-02", Title: "Second", Size: "30 × 40 cm", Price: money.EUR(9000), EditionSize: 10, Available: 7},
			{SKU: A, PrintID: "test-01", Title: "First", Size: "30 × 40 cm", Price: money.EUR(9000), EditionSize: 10, Available: 10},
		}
		if diff := cmp.Diff(want, offers); diff != "" {
			t.Errorf("offers (-want +got):\n%s", diff)
		}
	})
}

func TestEditionsAreListedBySKUAndNumber(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		id := s.place(B, 1, A, 2)
		s.must(s.created(id), s.paid(id))
		editions, err := store.NewCatalogue(s.db).Editions(t.Context(), string(id))
		s.must(err)
		want := []stock.Edition{{SKU: A, Number: 1, EditionSize: 10}, {SKU: A, Number: 2, EditionSize: 10}, {SKU: B, Number: 1, EditionSize: 10}}
		if diff := cmp.Diff(want, editions); diff != "" {
			t.Errorf("editions (-want +got):\n%s", diff)
		}
		none, err := store.NewCatalogue(s.db).Editions(t.Context(), "another")
		s.must(err)
		if none == nil || len(none) != 0 {
			t.Errorf("an order without editions owns %v", none)
		}
	})
}
