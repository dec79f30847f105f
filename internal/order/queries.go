package order

import (
	"errors"
	"time"

	"tirage/internal/platform/money"
)

// GetOrder asks for one order; the answer is a View, or the error ErrNotFound.
type GetOrder struct {
	ID ID
}

// ErrNotFound says that there is no such order.
var ErrNotFound = errors.New("order not found")

// View is an order as others may see it.
type View struct {
	ID       ID           `json:"id"`
	Status   Status       `json:"status"`
	Reason   Reason       `json:"reason,omitempty" doc:"Why the order was cancelled"`
	Tracking string       `json:"tracking,omitempty" doc:"The carrier's code of the parcel, once shipped"`
	Customer Customer     `json:"customer"`
	Lines    []Line       `json:"lines"`
	Total    money.Amount `json:"total"`
	PlacedAt time.Time    `json:"placed_at"`
	PayBy    time.Time    `json:"pay_by" doc:"An order that is not paid by then is cancelled"`
	// Payments lists the attempts to pay, oldest first.
	Payments []Payment `json:"payments"`
}

// Customer is who ordered, and where the prints go.
type Customer struct {
	Name    string `json:"name"`
	Email   string `json:"email"`
	Address string `json:"address"`
}

// Line is one print of an order in one size.
type Line struct {
	SKU      string       `json:"sku"`
	Title    string       `json:"title"`
	Size     string       `json:"size"`
	Quantity int          `json:"quantity"`
	Price    money.Amount `json:"price" doc:"Price of one copy when the order was placed"`
}

// Payment is one attempt to pay.
type Payment struct {
	ID     PaymentID     `json:"id"`
	Status PaymentStatus `json:"status"`
}

// Status is where an order stands.
type Status string

// The states of an order.
const (
	Placed    Status = "placed"    // waiting for stock
	Reserved  Status = "reserved"  // stock is held, a payment is under way or was declined
	Paid      Status = "paid"      // waiting for its edition numbers
	Confirmed Status = "confirmed" // sold
	Shipped   Status = "shipped"   // sold, and on its way
	Cancelled Status = "cancelled" // ended without a sale
	Refunded  Status = "refunded"  // sold, then given back
)

// PaymentStatus is where a payment stands.
type PaymentStatus string

// The states of a payment.
const (
	PaymentWaiting    PaymentStatus = "waiting"    // not requested until the abandoned one before it is voided
	PaymentUnresolved PaymentStatus = "unresolved" // requested; the provider has not answered
	PaymentGivenUp    PaymentStatus = "abandoned"  // the provider is asked to void it, or tells that it took the money
	PaymentVoid       PaymentStatus = "voided"     // given up; no money was taken
	PaymentApproved   PaymentStatus = "approved"
	PaymentRefused    PaymentStatus = "declined"
	PaymentReturning  PaymentStatus = "refund_requested"
	PaymentReturned   PaymentStatus = "refunded"
)
