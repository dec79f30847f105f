package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"tirage/internal/order"
	"tirage/internal/order/domain"
)

// rounds is how often each race is run.
const rounds = 10

// After the deadline and its grace, the provider's answer, the timer and the customer
// reach for the same order at once.
func TestRacePaymentAgainstCancellation(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		ends := map[order.Status]int{}
		for range rounds {
			id, payment := s.placeAndRequest(window + domain.PaymentGrace)
			received := times(7, func() error {
				return s.update(id, func(o *domain.Order) error { return o.PaymentReceived(payment) })
			})
			expired := times(7, func() error {
				return s.update(id, func(o *domain.Order) error {
					if wait := o.CancelUnpaid(time.Now()); wait != 0 {
						return errors.New("the timer is told to wait")
					}
					return nil
				})
			})
			cancelled := times(6, func() error {
				err := s.update(id, (*domain.Order).Cancel)
				if errors.Is(err, domain.ErrPaymentUnderWay) || errors.Is(err, domain.ErrAlreadyPaid) {
					return nil
				}
				return err
			})
			s.must(errors.Join(sideBySide(slices.Concat(received, expired, cancelled)...)...))

			o := s.find(id)
			ends[o.Status]++
			switch o.Status {
			case order.Paid:
				s.expectEvents(id, "OrderCreated", "PaymentRequested", "PaymentReceived")
			case order.Cancelled:
				s.expectEvents(id, "OrderCreated", "PaymentRequested", "OrderCancelled", "PaymentAbandoned", "RefundRequested")
			default:
				t.Errorf("order is %s", o.Status)
			}
		}
		t.Logf("ends: %v", ends)
	})
}

// After a decline, ten new cards and ten cancellations arrive at once.
func TestRacePayAgainAgainstCancel(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		card, err := domain.ParseCardToken("tok_second")
		s.must(err)
		for range rounds {
			id, payment := s.placeAndRequest(0)
			s.must(s.update(id, func(o *domain.Order) error { return o.PaymentDeclined(payment, time.Now()) }))
			pay := times(10, func() error {
				return s.update(id, func(o *domain.Order) error {
					return o.PayAgain(order.NewPaymentID(), card, time.Now())
				})
			})
			cancel := times(10, func() error { return s.update(id, (*domain.Order).Cancel) })
			errs := sideBySide(slices.Concat(pay, cancel)...)

			var paid, cancelled int
			for i, err := range errs {
				switch {
				case err == nil && i < len(pay):
					paid++
				case err == nil:
					cancelled++
				case !errors.Is(err, domain.ErrPaymentUnderWay) && !errors.Is(err, domain.ErrOrderCancelled):
					t.Error(err)
				}
			}
			s.find(id)
			switch {
			case paid == 1 && cancelled == 0:
				s.expectEvents(id, "OrderCreated", "PaymentRequested", "PaymentDeclined", "PaymentRequested")
			case paid == 0 && cancelled == len(cancel):
				s.expectEvents(id, "OrderCreated", "PaymentRequested", "PaymentDeclined", "OrderCancelled")
			default:
				t.Errorf("%d payments and %d cancellations succeeded", paid, cancelled)
			}
		}
	})
}
