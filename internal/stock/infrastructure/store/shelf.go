package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"tirage/internal/stock/domain"
)

// shelf implements domain.Shelf in a unit of work's transaction. Each move begins with
// the SKU's row, which stays locked until the end of the transaction.
type shelf struct {
	tx    *gorm.DB
	moved []*movedItem
}

// movedItem is an item as it was before its copies were moved, and its levels now.
type movedItem struct {
	sku    domain.SKU
	before domain.ItemSnapshot
	now    domain.Levels
}

// Hold implements domain.Shelf.
func (s *shelf) Hold(line domain.Line) (bool, error) {
	held, err := s.move(line.SKU, domain.Levels{Reserved: line.Quantity}, line.Quantity)
	if err != nil {
		return false, fmt.Errorf("hold %d of %s: %w", line.Quantity, line.SKU, err)
	}
	return held, nil
}

// PutBack implements domain.Shelf.
func (s *shelf) PutBack(line domain.Line) error {
	if err := s.mustMove(line.SKU, domain.Levels{Reserved: -line.Quantity}); err != nil {
		return fmt.Errorf("put %d of %s back: %w", line.Quantity, line.SKU, err)
	}
	return nil
}

// move changes a SKU's levels where at least so many copies are available, and reports
// whether they were. The condition is part of the UPDATE: of those who race for the last
// copies, the database lets through as many as there are copies.
func (s *shelf) move(sku domain.SKU, by domain.Levels, available int) (bool, error) {
	var rows []skuRow
	err := s.tx.Raw(`UPDATE skus SET on_hand = on_hand + ?, reserved = reserved + ?, sold = sold + ?
		WHERE sku = ? AND on_hand - reserved >= ?
		RETURNING edition_size, on_hand, reserved, sold, version`,
		by.OnHand, by.Reserved, by.Sold, sku.String(), available).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return false, err
	}
	s.note(rows[0].snapshot(sku), by)
	return true, nil
}

func (s *shelf) mustMove(sku domain.SKU, by domain.Levels) error {
	moved, err := s.move(sku, by, 0)
	if err == nil && !moved {
		return domain.ErrUnknownSKU
	}
	return err
}

// note remembers what a move made of an item, and what it was before the first one.
func (s *shelf) note(after domain.ItemSnapshot, by domain.Levels) {
	for _, m := range s.moved {
		if m.sku == after.SKU {
			m.now = after.Levels
			return
		}
	}
	before := after
	before.Levels.OnHand -= by.OnHand
	before.Levels.Reserved -= by.Reserved
	before.Levels.Sold -= by.Sold
	s.moved = append(s.moved, &movedItem{sku: after.SKU, before: before, now: after.Levels})
}

// tellItems tells the items that were moved what became of their levels in the end, for
// copies that were held and put back at once are no news. It writes only where there is
// any.
func (s *shelf) tellItems(ctx context.Context) error {
	for _, m := range s.moved {
		item := domain.ItemFromSnapshot(m.before)
		item.Moved(m.now)
		if len(item.Recorded()) == 0 {
			continue
		}
		if err := saveItem(ctx, s.tx, item, map[string]any{}); err != nil {
			return err
		}
	}
	return nil
}
