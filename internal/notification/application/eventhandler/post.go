// Package eventhandler decides who hears what: one file per mail. A handler looks at
// the order as it is when the mail is written, which may be long after the event, and
// sends nothing that is no longer true.
//
// Start with send_confirmation_on_order_created.go; what all of them share is below.
package eventhandler

import (
	"context"
	"fmt"
	"time"

	"tirage/internal/notification/domain"
	"tirage/internal/order"
	"tirage/internal/platform/bus"
)

// Mailer hands a message to the post. Handing over one with the same ID twice must be
// harmless. Its errors do not repeat the address: they end in logs.
type Mailer interface {
	Send(ctx context.Context, m domain.Message) error
}

// Post is what every handler needs in order to send a mail.
type Post struct {
	queries *bus.Queries
	mailer  Mailer
	mails   domain.Mails
}

// NewPost returns a Post that asks queries about orders, sends by mailer and remembers
// in mails.
func NewPost(queries *bus.Queries, mailer Mailer, mails domain.Mails) *Post {
	return &Post{queries: queries, mailer: mailer, mails: mails}
}

// Outcome is what became of a mail. The zero Outcome is one that was not sent now.
type Outcome struct{ sent *domain.Mail }

// order asks for an order, as others see it and as mails speak of it.
func (p *Post) order(ctx context.Context, id order.ID) (order.View, domain.Order, error) {
	view, err := bus.Ask[order.View](ctx, p.queries, order.GetOrder{ID: id})
	if err != nil {
		return order.View{}, domain.Order{}, fmt.Errorf("look up order %s: %w", id, err)
	}
	to, err := domain.ParseEmailAddress(view.Customer.Email)
	if err != nil {
		return order.View{}, domain.Order{}, bus.Permanent(fmt.Errorf("write about order %s: %w", id, err))
	}
	o := domain.Order{ID: string(id), Customer: view.Customer.Name, To: to, Total: view.Total, PayBy: view.PayBy}
	for _, line := range view.Lines {
		o.Lines = append(o.Lines, domain.Line{
			SKU: line.SKU, Title: line.Title, Size: line.Size, Quantity: line.Quantity, Price: line.Price,
		})
	}
	return view, o, nil
}

// send hands m to the mailer, unless it is remembered as sent.
func (p *Post) send(ctx context.Context, m domain.Message) (Outcome, error) {
	sent, err := p.mails.Sent(ctx, m.ID)
	if err != nil || sent {
		return Outcome{}, err
	}
	if err := p.mailer.Send(ctx, m); err != nil {
		return Outcome{}, fmt.Errorf("send mail %s: %w", m.ID, err)
	}
	return Outcome{sent: &domain.Mail{Message: m, SentAt: time.Now().UTC()}}, nil
}

// remember stores a mail that was sent, so that it is not sent again.
func (p *Post) remember(ctx context.Context, outcome Outcome) error {
	if outcome.sent == nil {
		return nil
	}
	return p.mails.Add(ctx, *outcome.sent)
}
