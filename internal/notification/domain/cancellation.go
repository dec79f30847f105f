package domain

// CancellationReason is why an order ended without a sale.
type CancellationReason int

// The reasons for a cancellation.
const (
	OtherReason CancellationReason = iota // one that this program does not know
	SoldOut
	Unpaid
	ByCustomer
)

// CancellationOf says that an order was cancelled and why.
func CancellationOf(o Order, reason CancellationReason) Message {
	subject, why := "Your order was cancelled", ""
	switch reason {
	case OtherReason:
		why = "We had to cancel your order."
	case SoldOut:
		subject = "Sold out: your order was cancelled"
		why = "Somebody was quicker: what you chose is sold out, so we had to cancel your order. We are sorry."
	case Unpaid:
		why = "Your payment did not arrive in time, so we cancelled your order."
	case ByCustomer:
		why = "As you wished, we cancelled your order."
	}
	return o.message(Cancellation, subject,
		why,
		o.summary(nil),
		"You owe us nothing. Should a payment for it still arrive, we send it back by ourselves.")
}
