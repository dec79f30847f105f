package domain_test

import (
	"strings"
	"testing"

	"tirage/internal/order"
	"tirage/internal/order/domain"
)

func tracking(t *testing.T, code string) domain.Tracking {
	t.Helper()
	parsed, err := domain.ParseTracking(code)
	must(t, err)
	return parsed
}

func TestShip(t *testing.T) {
	t.Parallel()
	o := confirmed(t)
	must(t, o.Ship(tracking(t, "rr 123 456 785 nl")))
	expect(t, o, order.OrderShipped{OrderID: "o1", Tracking: "RR123456785NL"})
	expectStatus(t, o, order.Shipped, order.PaymentApproved)

	must(t, o.Ship(tracking(t, "RR123456785NL")))
	expectError(t, o.Ship(tracking(t, "RR999999999NL")), domain.ErrAlreadyShipped)
	o.Confirm()
	expect(t, o)
}

func TestShipIsRefused(t *testing.T) {
	t.Parallel()
	refunding := confirmed(t)
	must(t, refunding.Refund())
	refunded := confirmed(t)
	must(t, refunded.Refund())
	must(t, refunded.PaymentReturned("p1"))
	for _, o := range []*domain.Order{placed(t), reserved(t), declined(t), paid(t), cancelled(t), refunding, refunded} {
		o.ReleaseEvents()
		expectError(t, o.Ship(tracking(t, "RR123456785NL")), domain.ErrNotShippable)
		expect(t, o)
	}
}

func TestTracking(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"1234", "RR-123", strings.Repeat("9", 40)} {
		tracking(t, good)
	}
	for _, bad := range []string{
		"", "123", strings.Repeat("9", 41), "RR_123", "RR123\r\nBcc: eve@example.com", "<b>1234</b>", "ÄÖÜß", "RR123\x00",
	} {
		_, err := domain.ParseTracking(bad)
		expectError(t, err, domain.ErrInvalidTracking)
	}
}
