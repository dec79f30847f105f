package domain

// RefundNoticeFor says that the money of a payment went back. Every payment that goes
// back has a mail of its own.
func RefundNoticeFor(o Order, paymentID string) Message {
	return o.message(RefundNotice, "Your money is on its way back",
		"We have sent "+o.Total.String()+" back to the card you paid with. Your bank may take a few days to show it.",
		"Order "+o.ID).
		aboutPayment(paymentID)
}
