package eventhandler

import (
	"context"

	"tirage/internal/notification/domain"
	"tirage/internal/order"
)

// SendRefundNoticeOnPaymentRefunded tells the customer that their money went back.
type SendRefundNoticeOnPaymentRefunded struct{ post *Post }

// NewSendRefundNoticeOnPaymentRefunded returns the handler.
func NewSendRefundNoticeOnPaymentRefunded(post *Post) *SendRefundNoticeOnPaymentRefunded {
	return &SendRefundNoticeOnPaymentRefunded{post: post}
}

// Call sends the mail. It is true however late it comes.
func (h *SendRefundNoticeOnPaymentRefunded) Call(ctx context.Context, e order.PaymentRefunded) (Outcome, error) {
	_, o, err := h.post.order(ctx, e.OrderID)
	if err != nil {
		return Outcome{}, err
	}
	return h.post.send(ctx, domain.RefundNoticeFor(o, string(e.PaymentID)))
}

// Complete remembers the mail.
func (h *SendRefundNoticeOnPaymentRefunded) Complete(ctx context.Context, _ order.PaymentRefunded, outcome Outcome) error {
	return h.post.remember(ctx, outcome)
}
