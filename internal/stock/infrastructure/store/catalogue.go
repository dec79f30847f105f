package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"tirage/internal/platform/database"
	"tirage/internal/platform/money"
	"tirage/internal/stock"
)

// Catalogue reads what is for sale and who owns which number.
type Catalogue struct{ db *database.DB }

// NewCatalogue returns a Catalogue on db.
func NewCatalogue(db *database.DB) *Catalogue { return &Catalogue{db: db} }

// offerRow is a SKU with its print and series.
type offerRow struct {
	SKU         string `gorm:"column:sku"`
	PrintID     string
	Title       string
	Series      string
	About       string
	Size        string
	PriceMinor  int64
	Currency    string
	EditionSize int
	Available   int
}

func (r offerRow) offer() stock.Offer {
	return stock.Offer{
		SKU:         r.SKU,
		PrintID:     r.PrintID,
		Title:       r.Title,
		Size:        r.Size,
		Price:       money.Amount{Minor: r.PriceMinor, Currency: r.Currency},
		EditionSize: r.EditionSize,
		Available:   r.Available,
	}
}

// Prints lists the whole catalogue by series, print and price.
func (c *Catalogue) Prints(ctx context.Context) ([]stock.Print, error) {
	var rows []offerRow
	if err := c.offers(ctx).Order("p.series_id, p.id, k.price_minor").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read prints: %w", err)
	}
	prints := []stock.Print{}
	for _, row := range rows {
		if last := len(prints) - 1; last < 0 || prints[last].ID != row.PrintID {
			prints = append(prints, stock.Print{ID: row.PrintID, Series: row.Series, About: row.About, Title: row.Title})
		}
		p := &prints[len(prints)-1]
		p.Sizes = append(p.Sizes, row.offer())
	}
	return prints, nil
}

// Offers lists what is known of skus, in their order, without the unknown.
func (c *Catalogue) Offers(ctx context.Context, skus []string) ([]stock.Offer, error) {
	var rows []offerRow
	if err := c.offers(ctx).Where("k.sku IN ?", skus).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read offers: %w", err)
	}
	known := make(map[string]stock.Offer, len(rows))
	for _, row := range rows {
		known[row.SKU] = row.offer()
	}
	offers := []stock.Offer{}
	for _, sku := range skus {
		if offer, ok := known[sku]; ok {
			offers = append(offers, offer)
		}
	}
	return offers, nil
}

func (c *Catalogue) offers(ctx context.Context) *gorm.DB {
	return c.db.Conn(ctx).Table("skus AS k").
		Select("k.sku, k.print_id, p.title, s.title AS series, s.about, k.size, k.price_minor, k.currency, " +
			"k.edition_size, k.on_hand - k.reserved AS available").
		Joins("JOIN prints AS p ON p.id = k.print_id").
		Joins("JOIN series AS s ON s.id = p.series_id")
}

// Editions lists the numbers an order owns, by SKU and number.
func (c *Catalogue) Editions(ctx context.Context, orderID string) ([]stock.Edition, error) {
	editions := []stock.Edition{}
	err := c.db.Conn(ctx).Table("editions AS e").
		Select("e.sku, e.number, k.edition_size").
		Joins("JOIN skus AS k ON k.sku = e.sku").
		Where("e.order_id = ?", orderID).
		Order("e.sku, e.number").
		Scan(&editions).Error
	if err != nil {
		return nil, fmt.Errorf("read editions of order %s: %w", orderID, err)
	}
	return editions, nil
}
