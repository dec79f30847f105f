// Package catalogue is what the demo shop sells. To sell something else, change
// series.go and prints.go; store.Seed puts them into the database at start.
package catalogue

import (
	"strings"

	"tirage/internal/platform/money"
)

// Series is an algorithm and the prints that were drawn with it.
type Series struct {
	ID     string
	Title  string
	About  string // what the artist says of it
	Prints []Print
}

// Print is one picture. Seed and Palette are all that the series' algorithm needs to
// draw it again, the same in every detail.
type Print struct {
	ID      string // the series' ID and the place in it: "tide-03"
	Title   string
	Seed    int64
	Palette string // one of chalk, dawn, dusk, ember, glacier, harbour, honey, ink, moss, rust
	Sizes   []Size
}

// Size is a print as it can be bought.
type Size struct {
	Code    string // S, M or L
	Label   string
	Edition int // copies there will ever be
	Printed int // of them when the shop opens; staff add the others
	Price   money.Amount
}

// SKU is the code under which a size of the print is sold: "TIDE-03-M".
func (p Print) SKU(s Size) string { return strings.ToUpper(p.ID) + "-" + s.Code }

func small(edition int, euros int64) Size {
	return Size{Code: "S", Label: "30 × 40 cm", Edition: edition, Printed: edition, Price: money.EUR(euros * 100)}
}

func medium(edition int, euros int64) Size {
	return Size{Code: "M", Label: "50 × 70 cm", Edition: edition, Printed: edition, Price: money.EUR(euros * 100)}
}

func large(edition int, euros int64) Size {
	return Size{Code: "L", Label: "70 × 100 cm", Edition: edition, Printed: edition, Price: money.EUR(euros * 100)}
}

// firstPrint is a size of which only so many copies are printed yet.
func firstPrint(copies int, s Size) Size {
	s.Printed = copies
	return s
}
