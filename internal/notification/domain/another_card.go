package domain

// AnotherCardFor says that a payment was declined and how the order can still be paid.
// Every declined payment has a mail of its own.
func AnotherCardFor(o Order, paymentID string) Message {
	until := o.PayBy.UTC().Format("15:04 on 2 January 2006 (UTC)")
	return o.message(AnotherCard, "Your card was declined",
		"Your card was declined, and nothing was charged.",
		o.summary(nil),
		"We hold your prints until "+until+". Until then you can pay with another card, on the page of your order.").
		aboutPayment(paymentID)
}
