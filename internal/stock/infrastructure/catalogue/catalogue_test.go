package catalogue_test

import (
	"slices"
	"strings"
	"testing"

	"tirage/internal/stock/domain"
	"tirage/internal/stock/infrastructure/catalogue"
)

func TestTheCatalogueIsWellFormed(t *testing.T) {
	t.Parallel()
	palettes := strings.Fields("chalk dawn dusk ember glacier harbour honey ink moss rust")
	prints, editions, seen := 0, map[string]int{}, map[string]bool{}
	once := func(what string) {
		if seen[what] {
			t.Errorf("%s is there twice", what)
		}
		seen[what] = true
	}
	all := catalogue.All()
	for _, s := range all {
		once("series " + s.ID)
		for _, p := range s.Prints {
			prints++
			once("print " + p.ID)
			once("title " + p.Title)
			if !strings.HasPrefix(p.ID, s.ID+"-") {
				t.Errorf("%s is in series %s", p.ID, s.ID)
			}
			if !slices.Contains(palettes, p.Palette) {
				t.Errorf("%s: unknown palette %s", p.ID, p.Palette)
			}
			if len(p.Sizes) < 2 || len(p.Sizes) > 3 {
				t.Errorf("%s has %d sizes", p.ID, len(p.Sizes))
			}
			for _, size := range p.Sizes {
				sku, err := domain.ParseSKU(p.SKU(size))
				if err != nil {
					t.Error(err)
				}
				once(sku.String())
				editions[sku.String()] = size.Edition
				if size.Printed < 1 || size.Printed > size.Edition {
					t.Errorf("%s: %d of %d are printed", sku, size.Printed, size.Edition)
				}
			}
		}
	}
	if len(all) < 6 || prints < 24 {
		t.Errorf("%d prints in %d series", prints, len(all))
	}
	// Tests of the whole program race for this one.
	if editions["TIDE-01-M"] != 50 {
		t.Errorf("TIDE-01-M is an edition of %d", editions["TIDE-01-M"])
	}
}
