// Package store keeps the stock context in the database: reservations and the shelf
// they move copies on, the catalogue, and who owns which number.
//
// Start with Reservations.Update, which everything that sells goes through.
package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tirage/internal/platform/database"
	"tirage/internal/stock/domain"
)

// Reservations implements domain.Reservations.
type Reservations struct{ db *database.DB }

// NewReservations returns the repository of reservations on db.
func NewReservations(db *database.DB) *Reservations { return &Reservations{db: db} }

// Update implements domain.Reservations.
func (s *Reservations) Update(ctx context.Context, orderID string, change func(*domain.Reservation, domain.Shelf) error) error {
	tx := s.db.Conn(ctx)
	r, err := lock(tx, orderID)
	if err != nil {
		return fmt.Errorf("load reservation of order %s: %w", orderID, err)
	}
	if err := database.Track(ctx, r); err != nil {
		return err
	}
	moves := &shelf{tx: tx}
	if err := change(r, moves); err != nil {
		return err
	}
	if len(r.Recorded()) == 0 {
		return nil
	}
	if err := save(tx, r); err != nil {
		return fmt.Errorf("save reservation of order %s: %w", orderID, err)
	}
	if err := database.Saved(ctx, r); err != nil {
		return err
	}
	return moves.tellItems(ctx)
}

// lock makes the order's row where there is none, and only then locks it. A row that
// does not exist cannot be locked, and two handlers that both found none would both
// decide.
func lock(tx *gorm.DB, orderID string) (*domain.Reservation, error) {
	fresh := reservationRow{OrderID: orderID, State: string(domain.New)}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh).Error; err != nil {
		return nil, err
	}
	var row reservationRow
	if err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Take(&row, "order_id = ?", orderID).Error; err != nil {
		return nil, err
	}
	var lines []lineRow
	if err := tx.Order("sku").Find(&lines, "order_id = ?", orderID).Error; err != nil {
		return nil, err
	}
	return toReservation(row, lines)
}

func save(tx *gorm.DB, r *domain.Reservation) error {
	row, lines := toRows(r.Snapshot())
	updated := tx.Model(&reservationRow{}).
		Where("order_id = ? AND version = ?", row.OrderID, r.StoredVersion()).
		Updates(map[string]any{"state": row.State, "short_sku": row.ShortSKU, "version": row.Version})
	if err := exactly(1, updated); err != nil {
		return err
	}
	if r.StoredVersion() > 0 || len(lines) == 0 {
		return nil // lines never change once they are held
	}
	return tx.Create(&lines).Error
}

// exactly turns a statement that changed another number of rows than it must into an
// error, so that the unit of work is rolled back.
func exactly(rows int, result *gorm.DB) error {
	if result.Error != nil {
		return result.Error
	}
	if result.RowsAffected != int64(rows) {
		return fmt.Errorf("%d rows changed instead of %d", result.RowsAffected, rows)
	}
	return nil
}
