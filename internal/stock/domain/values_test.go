package domain_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/stock/domain"
)

func TestParseSKU(t *testing.T) {
	t.Parallel()
	sku, err := domain.ParseSKU("TIDE-03-M")
	if err != nil || sku.String() != "TIDE-03-M" {
		t.Errorf("got %v, %v", sku, err)
	}
	for _, code := range []string{"", "tide-03-m", "TIDE-3-M", "TIDE-03", "TIDE-03-XL", " TIDE-03-M", "TIDE-03-M\n"} {
		if _, err := domain.ParseSKU(code); !errors.Is(err, domain.ErrMalformedSKU) {
			t.Errorf("%q: error is %v", code, err)
		}
	}
}

func TestNewLine(t *testing.T) {
	t.Parallel()
	if _, err := domain.NewLine("TIDE-03-M", 0); !errors.Is(err, domain.ErrQuantity) {
		t.Errorf("no copies: error is %v", err)
	}
	if _, err := domain.NewLine("TIDE", 1); !errors.Is(err, domain.ErrMalformedSKU) {
		t.Errorf("no SKU: error is %v", err)
	}
}

func TestNextNumbers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		returned       []int
		issued, copies int
		want           []int
	}{
		"the first":              {nil, 0, 3, []int{1, 2, 3}},
		"the next":               {nil, 3, 1, []int{4}},
		"one that came back":     {[]int{2, 5}, 7, 1, []int{2}},
		"what came back, and on": {[]int{2, 5}, 7, 4, []int{2, 5, 8, 9}},
	} {
		if diff := cmp.Diff(c.want, domain.NextNumbers(c.returned, c.issued, c.copies)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
