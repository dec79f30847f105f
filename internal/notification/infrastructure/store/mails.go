// Package store keeps the mails that were sent in the shop's database.
package store

import (
	"context"
	"fmt"

	"gorm.io/gorm/clause"

	"tirage/internal/notification"
	"tirage/internal/notification/domain"
	"tirage/internal/platform/database"
)

// Mails implements domain.Mails.
type Mails struct{ db *database.DB }

// NewMails returns the mails that are remembered in db.
func NewMails(db *database.DB) *Mails { return &Mails{db: db} }

// mailRow is a row of table mails.
type mailRow struct {
	ID        string `gorm:"primaryKey"`
	OrderID   string
	Template  string
	Recipient string
	Subject   string
	Body      string
	SentAt    database.Time
}

// TableName implements schema.Tabler.
func (mailRow) TableName() string { return "mails" }

// Sent implements domain.Mails.
func (s *Mails) Sent(ctx context.Context, id string) (bool, error) {
	var found int64
	if err := s.db.Conn(ctx).Model(&mailRow{}).Where("id = ?", id).Count(&found).Error; err != nil {
		return false, fmt.Errorf("look for mail %s: %w", id, err)
	}
	return found > 0, nil
}

// Add implements domain.Mails, in the unit of work of ctx. Of several that add the same
// mail side by side, one does.
func (s *Mails) Add(ctx context.Context, m domain.Mail) error {
	row := mailRow{
		ID:        m.ID,
		OrderID:   m.OrderID,
		Template:  string(m.Template),
		Recipient: m.To.String(),
		Subject:   m.Subject,
		Body:      m.Text,
		SentAt:    database.At(m.SentAt),
	}
	if err := s.db.Conn(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("remember mail %s: %w", m.ID, err)
	}
	return nil
}

// About lists the mails that were sent about an order, oldest first.
func (s *Mails) About(ctx context.Context, orderID string) ([]notification.Mail, error) {
	var rows []mailRow
	if err := s.db.Conn(ctx).Where("order_id = ?", orderID).Order("sent_at, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read mails about order %s: %w", orderID, err)
	}
	mails := make([]notification.Mail, len(rows))
	for i, row := range rows {
		mails[i] = notification.Mail{
			ID:       row.ID,
			OrderID:  row.OrderID,
			Template: row.Template,
			To:       row.Recipient,
			Subject:  row.Subject,
			Text:     row.Body,
			SentAt:   row.SentAt.Time,
		}
	}
	return mails, nil
}
