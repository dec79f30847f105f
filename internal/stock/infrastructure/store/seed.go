package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tirage/internal/platform/database"
	"tirage/internal/stock/infrastructure/catalogue"
)

// Seed adds what is in the catalogue and not yet in the database, with all that is printed
// on hand. What is there already stays as it is, above all its stock, so it may run at
// every start, and in several programs at once. It is no unit of work, for nothing
// happens to an aggregate here.
func Seed(ctx context.Context, db *database.DB, all []catalogue.Series) error {
	var series, prints, skus []map[string]any
	for _, s := range all {
		series = append(series, map[string]any{"id": s.ID, "title": s.Title, "about": s.About})
		for _, p := range s.Prints {
			prints = append(prints, map[string]any{
				"id": p.ID, "series_id": s.ID, "title": p.Title, "seed": p.Seed, "palette": p.Palette,
			})
			for _, size := range p.Sizes {
				skus = append(skus, map[string]any{
					"sku": p.SKU(size), "print_id": p.ID, "size": size.Label,
					"price_minor": size.Price.Minor, "currency": size.Price.Currency,
					"edition_size": size.Edition, "on_hand": size.Printed,
				})
			}
		}
	}
	err := db.Direct(ctx).Transaction(func(tx *gorm.DB) error {
		missing := tx.Clauses(clause.OnConflict{DoNothing: true})
		for _, table := range []struct {
			name string
			rows []map[string]any
		}{{"series", series}, {"prints", prints}, {"skus", skus}} {
			if err := missing.Table(table.name).Create(&table.rows).Error; err != nil {
				return fmt.Errorf("%s: %w", table.name, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("seed the catalogue: %w", err)
	}
	return nil
}
