package stock

import "tirage/internal/platform/money"

// BrowsePrints asks for the whole catalogue; the answer is a []Print by series and
// place in it.
type BrowsePrints struct{}

// Print is one picture of a series, with the sizes it is sold in, smallest first.
type Print struct {
	ID     string  `json:"id"`
	Series string  `json:"series"`
	About  string  `json:"about" doc:"What the artist says of the series"`
	Title  string  `json:"title"`
	Sizes  []Offer `json:"sizes"`
}

// GetOffers asks what is known of some SKUs; the answer is a []Offer in the same
// order. Unknown SKUs are left out.
type GetOffers struct {
	SKUs []string
}

// Offer is a print in one size, as it is sold now.
type Offer struct {
	SKU         string       `json:"sku"`
	PrintID     string       `json:"print_id"`
	Title       string       `json:"title"`
	Size        string       `json:"size"`
	Price       money.Amount `json:"price"`
	EditionSize int          `json:"edition_size"`
	Available   int          `json:"available" doc:"Copies that can be ordered now"`
}

// GetEditions asks which numbers an order owns; the answer is a []Edition by SKU and
// number, empty when there are none (yet, or any more).
type GetEditions struct {
	OrderID string
}

// Edition is one numbered copy: Number of EditionSize.
type Edition struct {
	SKU         string `json:"sku"`
	Number      int    `json:"number"`
	EditionSize int    `json:"edition_size"`
}
