package store

import (
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tirage/internal/stock/domain"
)

// shelf implements domain.Shelf in a unit of work's transaction. Each move begins with
// the SKU's row, which stays locked until the end of the transaction.
type shelf struct{ tx *gorm.DB }

// Hold implements domain.Shelf. The condition is part of the UPDATE: of those who race
// for the last copies, the database lets through as many as there are copies.
func (s shelf) Hold(line domain.Line) (bool, error) {
	held := s.sku(line).
		Where("on_hand - reserved >= ?", line.Quantity).
		Update("reserved", gorm.Expr("reserved + ?", line.Quantity))
	if held.Error != nil {
		return false, fmt.Errorf("hold %d of %s: %w", line.Quantity, line.SKU, held.Error)
	}
	return held.RowsAffected == 1, nil
}

// PutBack implements domain.Shelf.
func (s shelf) PutBack(line domain.Line) error {
	put := s.sku(line).Update("reserved", gorm.Expr("reserved - ?", line.Quantity))
	if err := exactly(1, put); err != nil {
		return fmt.Errorf("put %d of %s back: %w", line.Quantity, line.SKU, err)
	}
	return nil
}

// Number implements domain.Shelf.
func (s shelf) Number(orderID string, line domain.Line) error {
	if err := s.number(orderID, line); err != nil {
		return fmt.Errorf("number %d of %s: %w", line.Quantity, line.SKU, err)
	}
	return nil
}

func (s shelf) number(orderID string, line domain.Line) error {
	var sku skuRow
	if err := s.tx.Clauses(clause.Locking{Strength: "UPDATE"}).Take(&sku, "sku = ?", line.SKU.String()).Error; err != nil {
		return err
	}
	var returned []int
	if err := s.tx.Model(&editionRow{}).
		Where("sku = ? AND order_id IS NULL", sku.SKU).
		Order("number").Limit(line.Quantity).Pluck("number", &returned).Error; err != nil {
		return err
	}
	numbers := domain.NextNumbers(returned, sku.Issued, line.Quantity)
	editions := make([]editionRow, len(numbers))
	for i, number := range numbers {
		editions[i] = editionRow{SKU: sku.SKU, Number: number, OrderID: &orderID}
	}
	// A number that came back has its row already; one that is owned would not change.
	giveOut := clause.OnConflict{
		Columns:   []clause.Column{{Name: "sku"}, {Name: "number"}},
		DoUpdates: clause.AssignmentColumns([]string{"order_id"}),
		Where:     clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "editions.order_id IS NULL"}}},
	}
	if err := exactly(len(editions), s.tx.Clauses(giveOut).Create(&editions)); err != nil {
		return err
	}
	return exactly(1, s.sku(line).Updates(map[string]any{
		"on_hand":  gorm.Expr("on_hand - ?", line.Quantity),
		"reserved": gorm.Expr("reserved - ?", line.Quantity),
		"sold":     gorm.Expr("sold + ?", line.Quantity),
		"issued":   max(sku.Issued, numbers[len(numbers)-1]),
	}))
}

// TakeBack implements domain.Shelf.
func (s shelf) TakeBack(orderID string, line domain.Line) error {
	counted := s.sku(line).Updates(map[string]any{
		"on_hand": gorm.Expr("on_hand + ?", line.Quantity),
		"sold":    gorm.Expr("sold - ?", line.Quantity),
	})
	if err := exactly(1, counted); err != nil {
		return fmt.Errorf("take %d of %s back: %w", line.Quantity, line.SKU, err)
	}
	disowned := s.tx.Model(&editionRow{}).
		Where("sku = ? AND order_id = ?", line.SKU.String(), orderID).
		Update("order_id", nil)
	if err := exactly(line.Quantity, disowned); err != nil {
		return fmt.Errorf("take the numbers of %s back: %w", line.SKU, err)
	}
	return nil
}

func (s shelf) sku(line domain.Line) *gorm.DB {
	return s.tx.Model(&skuRow{}).Where("sku = ?", line.SKU.String())
}
