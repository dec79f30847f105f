// Package query holds what may be asked about mails.
package query

import (
	"context"

	"tirage/internal/notification"
)

// mailsAbout finds the mails about an order, oldest first.
type mailsAbout interface {
	About(ctx context.Context, orderID string) ([]notification.Mail, error)
}

// GetMailsHandler answers notification.GetMails.
type GetMailsHandler struct{ mails mailsAbout }

// NewGetMailsHandler returns the handler of notification.GetMails.
func NewGetMailsHandler(mails mailsAbout) *GetMailsHandler {
	return &GetMailsHandler{mails: mails}
}

// Handle lists the mails that were sent about the order.
func (h *GetMailsHandler) Handle(ctx context.Context, q notification.GetMails) ([]notification.Mail, error) {
	return h.mails.About(ctx, q.OrderID)
}
