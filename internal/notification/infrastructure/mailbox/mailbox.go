// Package mailbox stands in for a mail server: what the shop sends stays in a mailbox of
// its own, where everybody can read it. It is for demonstrations, where no mail leaves
// the house; package smtp sends real ones.
package mailbox

import (
	"context"
	"fmt"
	"time"

	"tirage/internal/notification/domain"
	"tirage/internal/platform/database"
)

// Mailbox takes mails in. It writes in transactions of its own, as a server elsewhere
// would: so it must not be called inside a unit of work.
type Mailbox struct{ db *database.DB }

// New returns the mailbox in db.
func New(db *database.DB) *Mailbox { return &Mailbox{db: db} }

// Send keeps a mail. One that it has already, by its ID, is only counted: that is what
// a mail program does with a repeated Message-ID.
func (b *Mailbox) Send(ctx context.Context, m domain.Message) error {
	err := b.db.Direct(ctx).Exec(`
		INSERT INTO mailbox (message_id, order_id, template, recipient, subject, body, copies, received_at)
		VALUES (?, ?, ?, ?, ?, ?, 1, ?)
		ON CONFLICT (message_id) DO UPDATE SET copies = mailbox.copies + 1`,
		m.ID, m.OrderID, string(m.Template), m.To.String(), m.Subject, m.Text, database.At(time.Now())).Error
	if err != nil {
		return fmt.Errorf("put into the mailbox: %w", err)
	}
	return nil
}

// Letter is a mail as it lies in the mailbox.
type Letter struct {
	MessageID  string    `json:"message_id"`
	OrderID    string    `json:"order_id"`
	Template   string    `json:"template"`
	To         string    `json:"to"`
	Subject    string    `json:"subject"`
	Text       string    `json:"text"`
	Copies     int       `json:"copies" doc:"How often it was handed in; more than once only after a failure"`
	ReceivedAt time.Time `json:"received_at"`
}

// most bounds a list of letters.
const most = 200

// Letters lists the newest letters, newest first: those about one order, or with orderID
// "" all.
func (b *Mailbox) Letters(ctx context.Context, orderID string) ([]Letter, error) {
	query := b.db.Conn(ctx).Table("mailbox").Order("received_at DESC, message_id").Limit(most)
	if orderID != "" {
		query = query.Where("order_id = ?", orderID)
	}
	var rows []struct {
		MessageID, OrderID, Template, Recipient, Subject, Body string
		Copies                                                 int
		ReceivedAt                                             database.Time
	}
	if err := query.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the mailbox: %w", err)
	}
	letters := make([]Letter, len(rows))
	for i, row := range rows {
		letters[i] = Letter{
			MessageID: row.MessageID, OrderID: row.OrderID, Template: row.Template, To: row.Recipient,
			Subject: row.Subject, Text: row.Body, Copies: row.Copies, ReceivedAt: row.ReceivedAt.Time,
		}
	}
	return letters, nil
}
