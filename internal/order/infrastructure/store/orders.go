package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/platform/database"
)

// Orders is the repository of orders. It implements domain.Orders.
type Orders struct{ db *database.DB }

// NewOrders returns the repository in db.
func NewOrders(db *database.DB) *Orders { return &Orders{db: db} }

// Add implements domain.Orders.
func (r *Orders) Add(ctx context.Context, o *domain.Order) error {
	if err := r.add(ctx, o); err != nil {
		return fmt.Errorf("add order %s: %w", o.ID(), err)
	}
	return nil
}

func (r *Orders) add(ctx context.Context, o *domain.Order) error {
	if err := database.Track(ctx, o); err != nil {
		return err
	}
	tx, s := r.db.Conn(ctx), o.Snapshot()
	row, lines := orderRowOf(s), lineRowsOf(s)
	if err := tx.Create(&row).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
		return domain.ErrOrderExists
	} else if err != nil {
		return err
	}
	if err := tx.Create(&lines).Error; err != nil {
		return err
	}
	return database.Saved(ctx, o)
}

// Find implements domain.Orders.
func (r *Orders) Find(ctx context.Context, id order.ID) (*domain.Order, error) {
	s, err := load(r.db.Conn(ctx), "id = ?", id)
	if err != nil {
		return nil, fmt.Errorf("find order %s: %w", id, err)
	}
	return domain.FromSnapshot(s), nil
}

// Update implements domain.Orders.
func (r *Orders) Update(ctx context.Context, id order.ID, change func(*domain.Order) error) error {
	if err := r.update(ctx, id, change); err != nil {
		return fmt.Errorf("update order %s: %w", id, err)
	}
	return nil
}

func (r *Orders) update(ctx context.Context, id order.ID, change func(*domain.Order) error) error {
	tx := r.db.Conn(ctx)
	// Whoever comes second waits here, then loads what the first one left. (SQLite drops
	// the clause; its units of work run one after the other anyway.)
	before, err := load(tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}), "id = ?", id)
	if err != nil {
		return err
	}
	o := domain.FromSnapshot(before)
	if err := database.Track(ctx, o); err != nil {
		return err
	}
	if err := change(o); err != nil {
		return err
	}
	if len(o.Recorded()) == 0 {
		return nil
	}
	if err := save(tx, before, o.Snapshot()); err != nil {
		return err
	}
	return database.Saved(ctx, o)
}

// errChangedMeanwhile cannot happen while Update locks the row.
var errChangedMeanwhile = errors.New("the row was changed by somebody else")

// save writes what an order can change: where it stands, and its payments. Oldest first,
// for one that is settled makes room for the next.
func save(tx *gorm.DB, before, after domain.Snapshot) error {
	updated := tx.Model(&orderRow{}).Where("id = ? AND version = ?", before.ID, before.Version).
		Updates(map[string]any{
			"version": after.Version, "status": after.Status, "reason": after.Reason, "tracking": after.Tracking,
		})
	if updated.Error != nil {
		return updated.Error
	}
	if updated.RowsAffected == 0 {
		return errChangedMeanwhile
	}
	for i, row := range paymentRowsOf(after) {
		switch {
		case i >= len(before.Payments):
			if err := tx.Create(&row).Error; err != nil {
				return fmt.Errorf("add payment %s: %w", row.ID, err)
			}
		case row.Status != before.Payments[i].Status:
			err := tx.Model(&paymentRow{}).Where("id = ?", row.ID).Update("status", row.Status).Error
			if err != nil {
				return fmt.Errorf("update payment %s: %w", row.ID, err)
			}
		}
	}
	return nil
}

// load reads the one order that meets condition. Clauses of tx, such as a lock, apply to
// the order's row alone. That row is read first: without a lock the payments may be newer
// than it, but never older, so nobody sees a paid order without its payment.
func load(tx *gorm.DB, condition string, args ...any) (domain.Snapshot, error) {
	var o orderRow
	if err := tx.Where(condition, args...).Take(&o).Error; errors.Is(err, gorm.ErrRecordNotFound) {
		return domain.Snapshot{}, order.ErrNotFound
	} else if err != nil {
		return domain.Snapshot{}, err
	}
	tx = tx.Session(&gorm.Session{NewDB: true})
	var lines []lineRow
	if err := tx.Where("order_id = ?", o.ID).Order("position").Find(&lines).Error; err != nil {
		return domain.Snapshot{}, err
	}
	var payments []paymentRow
	if err := tx.Where("order_id = ?", o.ID).Order("attempt").Find(&payments).Error; err != nil {
		return domain.Snapshot{}, err
	}
	return snapshotOf(o, lines, payments), nil
}
