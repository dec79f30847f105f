package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tirage/internal/order"
	"tirage/internal/order/domain"
	"tirage/internal/platform/database"
)

// Requests remembers the requests that placed orders.
type Requests struct{ db *database.DB }

// NewRequests returns the requests in db.
func NewRequests(db *database.DB) *Requests { return &Requests{db: db} }

type requestRow struct {
	Key       string `gorm:"primaryKey"`
	Content   string
	OrderID   order.ID
	CreatedAt database.Time
}

func (requestRow) TableName() string { return "idempotency_keys" }

// Remember stores a request in the unit of work that places its order, or fails with
// domain.ErrRepeated when one of the same key is stored. It waits for a unit of work that
// is just storing one, which may yet fail.
func (s *Requests) Remember(ctx context.Context, r domain.Request, id order.ID) error {
	row := requestRow{Key: r.Key, Content: r.Content, OrderID: id, CreatedAt: database.At(time.Now())}
	stored := s.db.Conn(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if stored.Error != nil {
		return fmt.Errorf("remember request: %w", stored.Error)
	}
	if stored.RowsAffected == 0 {
		return domain.ErrRepeated
	}
	return nil
}

// ByKey finds the request that had a key, and its order, or fails with order.ErrNotFound.
func (s *Requests) ByKey(ctx context.Context, key string) (domain.Request, order.ID, error) {
	var row requestRow
	err := s.db.Conn(ctx).Take(&row, "key = ?", key).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = order.ErrNotFound
	}
	if err != nil {
		return domain.Request{}, "", fmt.Errorf("find request: %w", err)
	}
	return domain.Request{Key: row.Key, Content: row.Content}, row.OrderID, nil
}
