package store_test

import (
	"context"
	"errors"
	"testing"

	"tirage/internal/order"
	"tirage/internal/order/application/eventhandler"
	"tirage/internal/order/domain"
	"tirage/internal/order/infrastructure/simulator"
	"tirage/internal/platform/event"
	"tirage/internal/platform/money"
)

// external runs an external handler as the event bus does: the call outside any
// transaction, then its completion in a unit of work.
func external[E event.Fact, R any](s *shop, call func(context.Context, E) (R, error),
	complete func(context.Context, E, R) error, e E,
) func() error {
	return func() error {
		outcome, err := call(s.t.Context(), e)
		if err != nil {
			return err
		}
		return s.do(func(ctx context.Context) error { return complete(ctx, e, outcome) })
	}
}

func (s *shop) charge(id order.ID, payment order.PaymentID) func() error {
	h := eventhandler.NewChargeOnPaymentRequested(s.orders, simulator.New(s.db))
	return external(s, h.Call, h.Complete, order.PaymentRequested{OrderID: id, PaymentID: payment})
}

func (s *shop) refund(id order.ID, payment order.PaymentID) func() error {
	h := eventhandler.NewRefundOnRefundRequested(s.orders, simulator.New(s.db))
	return external(s, h.Call, h.Complete, order.RefundRequested{OrderID: id, PaymentID: payment})
}

// expectTaken compares the money that the provider took with what it gave back.
func (s *shop) expectTaken(want, wantBack money.Amount) {
	s.t.Helper()
	var taken, back int64
	db := s.db.Conn(s.t.Context())
	s.must(db.Raw("SELECT COALESCE(SUM(amount_minor), 0) FROM simulator_charges WHERE outcome = 'approved'").Scan(&taken).Error)
	s.must(db.Raw("SELECT COALESCE(SUM(amount_minor), 0) FROM simulator_refunds").Scan(&back).Error)
	if taken != want.Minor || back != wantBack.Minor {
		s.t.Errorf("provider took %d and gave back %d cents, want %d and %d", taken, back, want.Minor, wantBack.Minor)
	}
}

var nothing money.Amount

func TestChargeOnPaymentRequested(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		id, payment := s.placeAndRequest(0)
		s.twentyTimes(s.charge(id, payment))
		s.expectEvents(id, "OrderCreated", "PaymentRequested", "PaymentReceived")
		s.expectTaken(s.find(id).Total, nothing)
	})
}

func TestACancelledOrderIsNotCharged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		id, payment := s.cancelledUnderWay()
		s.twentyTimes(s.charge(id, payment))
		s.expectEvents(id, "OrderCreated", "PaymentRequested", "OrderCancelled", "PaymentDeclined")
		s.expectTaken(nothing, nothing)
	})
}

func TestMoneyTakenBeforeACancellationGoesBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		id, payment := s.cancelledUnderWay()
		total := s.find(id).Total
		// The provider had the charge before the order was cancelled; its answer was lost.
		card, err := domain.ParseCardToken("tok_approved_checkout")
		s.must(err)
		_, err = simulator.New(s.db).Charge(t.Context(), payment, card, total)
		s.must(err)

		s.twentyTimes(s.charge(id, payment))
		s.expectEvents(id, "OrderCreated", "PaymentRequested", "OrderCancelled", "RefundRequested")
		s.twentyTimes(s.refund(id, payment))
		s.expectEvents(id, "OrderCreated", "PaymentRequested", "OrderCancelled", "RefundRequested", "PaymentRefunded")
		s.expectTaken(total, total)
		s.must(s.charge(id, payment)()) // replayed by hand, at the very end
		s.expectTaken(total, total)
	})
}

func TestRefundOnRefundRequested(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		id, payment := s.placeAndRequest(0)
		s.must(s.charge(id, payment)())
		s.must(s.update(id, func(o *domain.Order) error {
			o.Confirm()
			return o.Refund()
		}))
		s.twentyTimes(s.refund(id, payment))
		s.expectEvents(id, "OrderCreated", "PaymentRequested", "PaymentReceived", "OrderConfirmed",
			"RefundRequested", "PaymentRefunded")
		s.expectTaken(s.find(id).Total, s.find(id).Total)
	})
}

// cancelledUnderWay is an order that was cancelled while its payment was under way.
func (s *shop) cancelledUnderWay() (order.ID, order.PaymentID) {
	s.t.Helper()
	id, payment := s.placeAndRequest(window + domain.PaymentGrace)
	s.must(s.update(id, func(o *domain.Order) error {
		if wait := o.CancelUnpaid(o.Snapshot().PayBy.Add(domain.PaymentGrace)); wait != 0 {
			return errors.New("it is too early to cancel")
		}
		return nil
	}))
	return id, payment
}

// silentProvider fails the test when it is asked for anything.
type silentProvider struct{ t *testing.T }

func (p silentProvider) Charge(context.Context, order.PaymentID, domain.CardToken, money.Amount) (domain.Outcome, error) {
	p.t.Error("the provider was asked to charge")
	return "", nil
}

func (p silentProvider) Void(context.Context, order.PaymentID) (domain.Outcome, error) {
	p.t.Error("the provider was asked to void")
	return "", nil
}

func TestAKnownOutcomeIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		handler := eventhandler.NewChargeOnPaymentRequested(s.orders, silentProvider{t})
		for _, want := range []domain.Outcome{domain.Approved, domain.Declined} {
			id, payment := s.placeAndRequest(0)
			e := order.PaymentRequested{OrderID: id, PaymentID: payment}
			s.must(s.do(func(ctx context.Context) error { return handler.Complete(ctx, e, want) }))
			got, err := handler.Call(t.Context(), e)
			s.must(err)
			if got != want {
				t.Errorf("outcome is %s, want %s", got, want)
			}
		}
	})
}
