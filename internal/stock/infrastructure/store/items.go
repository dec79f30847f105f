package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tirage/internal/platform/database"
	"tirage/internal/stock/domain"
)

// Items implements domain.Items.
type Items struct{ db *database.DB }

// NewItems returns the repository of items on db.
func NewItems(db *database.DB) *Items { return &Items{db: db} }

// Update implements domain.Items.
func (s *Items) Update(ctx context.Context, sku domain.SKU, change func(*domain.Item) error) error {
	tx := s.db.Conn(ctx)
	before, err := lockItem(tx, sku)
	if err != nil {
		return fmt.Errorf("load item %s: %w", sku, err)
	}
	item := domain.ItemFromSnapshot(before)
	if err := database.Track(ctx, item); err != nil {
		return err
	}
	if err := change(item); err != nil {
		return err
	}
	if len(item.Recorded()) == 0 {
		return nil
	}
	after := item.Snapshot()
	if err := addRestocks(tx, sku, after.Restocks[len(before.Restocks):]); err != nil {
		return fmt.Errorf("restock %s: %w", sku, err)
	}
	return saveItem(ctx, tx, item, map[string]any{"on_hand": after.Levels.OnHand})
}

func lockItem(tx *gorm.DB, sku domain.SKU) (domain.ItemSnapshot, error) {
	var row skuRow
	err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Take(&row, "sku = ?", sku.String()).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = fmt.Errorf("%w: %s", domain.ErrUnknownSKU, sku)
	}
	if err != nil {
		return domain.ItemSnapshot{}, err
	}
	var restocks []restockRow
	if err := tx.Order("restocked_at, id").Find(&restocks, "sku = ?", sku.String()).Error; err != nil {
		return domain.ItemSnapshot{}, err
	}
	snapshot := row.snapshot(sku)
	for _, r := range restocks {
		snapshot.Restocks = append(snapshot.Restocks,
			domain.Restock{ID: r.ID, Quantity: r.Quantity, Reason: domain.RestockReason(r.Reason)})
	}
	return snapshot, nil
}

func addRestocks(tx *gorm.DB, sku domain.SKU, added []domain.Restock) error {
	for _, r := range added {
		row := restockRow{
			SKU: sku.String(), ID: r.ID, Quantity: r.Quantity, Reason: string(r.Reason), RestockedAt: database.At(time.Now()),
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// saveItem writes the version that an item's events raised it to, together with set. Its
// row is locked by whoever loaded or moved it.
func saveItem(ctx context.Context, tx *gorm.DB, item *domain.Item, set map[string]any) error {
	s := item.Snapshot()
	set["version"] = s.Version
	saved := tx.Model(&skuRow{}).Where("sku = ? AND version = ?", s.SKU.String(), item.StoredVersion()).Updates(set)
	if err := exactly(1, saved); err != nil {
		return fmt.Errorf("save item %s: %w", s.SKU, err)
	}
	return database.Saved(ctx, item)
}
