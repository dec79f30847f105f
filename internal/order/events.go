package order

import "tirage/internal/platform/event"

// OrderCreated says that a customer placed an order.
type OrderCreated struct {
	OrderID ID `json:"order_id"`
}

// PaymentRequested says that an order wants to be paid, by the payment it names.
type PaymentRequested struct {
	OrderID   ID        `json:"order_id"`
	PaymentID PaymentID `json:"payment_id"`
}

// PaymentReceived says that the provider took the money.
type PaymentReceived struct {
	OrderID   ID        `json:"order_id"`
	PaymentID PaymentID `json:"payment_id"`
}

// PaymentDeclined says that the provider refused the card. The order may be paid again.
type PaymentDeclined struct {
	OrderID   ID        `json:"order_id"`
	PaymentID PaymentID `json:"payment_id"`
}

// PaymentAbandoned says that an order no longer waits for a payment whose outcome is
// unknown: another card is to be charged instead, or the order was cancelled. The
// provider must be asked to void it, and thereby what became of it.
type PaymentAbandoned struct {
	OrderID   ID        `json:"order_id"`
	PaymentID PaymentID `json:"payment_id"`
}

// PaymentVoided says that an abandoned payment took no money, and never will.
type PaymentVoided struct {
	OrderID   ID        `json:"order_id"`
	PaymentID PaymentID `json:"payment_id"`
}

// OrderConfirmed says that an order is paid and its copies are numbered.
type OrderConfirmed struct {
	OrderID ID `json:"order_id"`
}

// OrderShipped says that an order's copies are on their way.
type OrderShipped struct {
	OrderID  ID     `json:"order_id"`
	Tracking string `json:"tracking"` // the carrier's code: letters, digits and dashes
}

// OrderCancelled says that an order ended without a sale. Stock releases on this alone.
type OrderCancelled struct {
	OrderID ID     `json:"order_id"`
	Reason  Reason `json:"reason"`
}

// RefundRequested says that the money of a payment must go back.
type RefundRequested struct {
	OrderID   ID        `json:"order_id"`
	PaymentID PaymentID `json:"payment_id"`
}

// PaymentRefunded says that the money of a payment went back.
type PaymentRefunded struct {
	OrderID   ID        `json:"order_id"`
	PaymentID PaymentID `json:"payment_id"`
}

// Reason is why an order was cancelled.
type Reason string

// The reasons for a cancellation.
const (
	SoldOut    Reason = "sold_out" // stock could not be reserved
	Unpaid     Reason = "unpaid"   // the payment window passed
	ByCustomer Reason = "customer" // the customer changed their mind
	ByStaff    Reason = "staff"    // staff ended it
)

// EventType implements event.Fact.
func (OrderCreated) EventType() event.Type { return v1("OrderCreated") }

// EventType implements event.Fact.
func (PaymentRequested) EventType() event.Type { return v1("PaymentRequested") }

// EventType implements event.Fact.
func (PaymentReceived) EventType() event.Type { return v1("PaymentReceived") }

// EventType implements event.Fact.
func (PaymentDeclined) EventType() event.Type { return v1("PaymentDeclined") }

// EventType implements event.Fact.
func (PaymentAbandoned) EventType() event.Type { return v1("PaymentAbandoned") }

// EventType implements event.Fact.
func (PaymentVoided) EventType() event.Type { return v1("PaymentVoided") }

// EventType implements event.Fact.
func (OrderConfirmed) EventType() event.Type { return v1("OrderConfirmed") }

// EventType implements event.Fact.
func (OrderShipped) EventType() event.Type { return v1("OrderShipped") }

// EventType implements event.Fact.
func (OrderCancelled) EventType() event.Type { return v1("OrderCancelled") }

// EventType implements event.Fact.
func (RefundRequested) EventType() event.Type { return v1("RefundRequested") }

// EventType implements event.Fact.
func (PaymentRefunded) EventType() event.Type { return v1("PaymentRefunded") }

func v1(name string) event.Type { return event.Type{Name: "order." + name, Version: 1} }

// Events lists every event this context publishes.
func Events() []event.Fact {
	return []event.Fact{
		OrderCreated{}, PaymentRequested{}, PaymentReceived{}, PaymentDeclined{}, PaymentAbandoned{}, PaymentVoided{},
		OrderConfirmed{}, OrderShipped{}, OrderCancelled{}, RefundRequested{}, PaymentRefunded{},
	}
}
