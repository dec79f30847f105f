package domain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tirage/internal/order"
)

// Tracking is a carrier's code of a parcel. Only ParseTracking makes one.
type Tracking struct{ code string }

var trackingPattern = regexp.MustCompile(`^[A-Z0-9-]{4,40}$`)

// ParseTracking reads a carrier's code: 4 to 40 letters, digits and dashes. Spaces are
// left out and letters made capital, as codes are printed in groups. It fails with
// ErrInvalidTracking.
func ParseTracking(s string) (Tracking, error) {
	code := strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	if !trackingPattern.MatchString(code) {
		return Tracking{}, fmt.Errorf("%w: want 4 to 40 letters, digits and dashes", ErrInvalidTracking)
	}
	return Tracking{code}, nil
}

// Ship sends a confirmed order on its way; with the same tracking code again it does
// nothing. It fails with ErrAlreadyShipped when it went with another code, and with
// ErrNotShippable for an order that was not sold, or whose money goes or went back.
func (o *Order) Ship(tracking Tracking) error {
	kept := slices.ContainsFunc(o.payments, func(p Payment) bool { return p.Status == order.PaymentApproved })
	switch {
	case o.status == order.Shipped && o.tracking == tracking:
		return nil
	case o.status == order.Shipped:
		return ErrAlreadyShipped
	case o.status != order.Confirmed || !kept:
		return ErrNotShippable
	}
	o.status, o.tracking = order.Shipped, tracking
	o.Record(order.OrderShipped{OrderID: o.id, Tracking: tracking.code})
	return nil
}
