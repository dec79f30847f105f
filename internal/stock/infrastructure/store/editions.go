package store

import (
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tirage/internal/stock/domain"
)

// Number implements domain.Shelf.
func (s *shelf) Number(orderID string, line domain.Line) error {
	if err := s.number(orderID, line); err != nil {
		return fmt.Errorf("number %d of %s: %w", line.Quantity, line.SKU, err)
	}
	return nil
}

func (s *shelf) number(orderID string, line domain.Line) error {
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
func (s *shelf) TakeBack(orderID string, line domain.Line) error {
	if err := s.mustMove(line.SKU, domain.Levels{OnHand: line.Quantity, Sold: -line.Quantity}); err != nil {
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

func (s *shelf) sku(line domain.Line) *gorm.DB {
	return s.tx.Model(&skuRow{}).Where("sku = ?", line.SKU.String())
}
