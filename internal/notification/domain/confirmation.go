package domain

// ConfirmationOf says that an order has arrived. It promises nothing more, because by
// the time it is read anything may have happened to the order.
func ConfirmationOf(o Order) Message {
	return o.message(Confirmation, "We have your order",
		"Thank you for your order. This is what you chose:",
		o.summary(nil),
		"We write again as soon as it is paid and your copies have their numbers.")
}
