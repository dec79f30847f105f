package main

import (
	"fmt"

	"tirage/internal/notification/application/eventhandler"
	"tirage/internal/notification/application/query"
	"tirage/internal/notification/infrastructure/mailbox"
	"tirage/internal/notification/infrastructure/smtp"
	"tirage/internal/notification/infrastructure/store"
	"tirage/internal/platform/bus"
)

func wireNotification(s *shop) error {
	mailer, err := newMailer(s)
	if err != nil {
		return err
	}
	mails := store.NewMails(s.db)
	post := eventhandler.NewPost(s.queries, mailer, mails)

	bus.Answer(s.queries, query.NewGetMailsHandler(mails).Handle)

	on := func(handler string) bus.Subscription {
		return bus.Subscription{Handler: "notification." + handler, Queue: bus.Default}
	}
	confirmation := eventhandler.NewSendConfirmationOnOrderCreated(post)
	anotherCard := eventhandler.NewAskForAnotherCardOnPaymentDeclined(post)
	receipt := eventhandler.NewSendReceiptOnOrderConfirmed(post)
	cancellation := eventhandler.NewSendCancellationOnOrderCancelled(post)
	refundNotice := eventhandler.NewSendRefundNoticeOnPaymentRefunded(post)
	bus.SubscribeExternal(s.events, on("SendConfirmationOnOrderCreated"), confirmation.Call, confirmation.Complete)
	bus.SubscribeExternal(s.events, on("AskForAnotherCardOnPaymentDeclined"), anotherCard.Call, anotherCard.Complete)
	bus.SubscribeExternal(s.events, on("SendReceiptOnOrderConfirmed"), receipt.Call, receipt.Complete)
	bus.SubscribeExternal(s.events, on("SendCancellationOnOrderCancelled"), cancellation.Call, cancellation.Complete)
	bus.SubscribeExternal(s.events, on("SendRefundNoticeOnPaymentRefunded"), refundNotice.Call, refundNotice.Complete)
	return nil
}

// newMailer is the mail server that was configured, or the shop's own mailbox, which
// anybody may then read.
func newMailer(s *shop) (eventhandler.Mailer, error) {
	if s.config.SMTPURL == "" {
		own := mailbox.New(s.db)
		own.Register(s.server.API)
		return own, nil
	}
	mailer, err := smtp.New(s.config.SMTPURL)
	if err != nil {
		return nil, fmt.Errorf("SHOP_SMTP_URL: %w", err)
	}
	return mailer, nil
}
