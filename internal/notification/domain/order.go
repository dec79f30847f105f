package domain

import (
	"fmt"
	"strings"
	"time"

	"tirage/internal/platform/money"
)

// Order is as much of an order as mails speak of.
type Order struct {
	ID       string
	Customer string // the name
	To       EmailAddress
	Lines    []Line
	Total    money.Amount
	PayBy    time.Time
}

// Line is one print in one size.
type Line struct {
	SKU      string
	Title    string
	Size     string
	Quantity int
	Price    money.Amount // of one copy
}

func (l Line) String() string {
	return fmt.Sprintf("%d × %s, %s: %s", l.Quantity, l.Title, l.Size, l.Price.Times(l.Quantity))
}

// message puts a mail's own words between a salutation and the shop's name.
func (o Order) message(t Template, subject string, paragraphs ...string) Message {
	return Message{
		ID:       string(t) + "." + o.ID,
		OrderID:  o.ID,
		Template: t,
		To:       o.To,
		Subject:  subject,
		Text:     "Dear " + o.Customer + ",\n\n" + strings.Join(paragraphs, "\n\n") + "\n\nTirage\n",
	}
}

// summary is the paragraph that lists the order. more adds lines below each of its own.
func (o Order) summary(more func(Line) []string) string {
	paragraph := []string{"Order " + o.ID}
	for _, line := range o.Lines {
		paragraph = append(paragraph, "  "+line.String())
		if more != nil {
			paragraph = append(paragraph, more(line)...)
		}
	}
	return strings.Join(append(paragraph, "  Total: "+o.Total.String()), "\n")
}
