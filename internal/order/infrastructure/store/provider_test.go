package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

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

func (s *shop) void(id order.ID, payment order.PaymentID) func() error {
	h := eventhandler.NewVoidOnPaymentAbandoned(s.orders, simulator.New(s.db))
	return external(s, h.Call, h.Complete, order.PaymentAbandoned{OrderID: id, PaymentID: payment})
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

// The charge of an order that was cancelled, and the void, come in any order.
func (s *shop) settlers(id order.ID, payment order.PaymentID) map[string]func() error {
	return map[string]func() error{"charge": s.charge(id, payment), "void": s.void(id, payment)}
}

func TestACancelledOrderIsNotCharged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		for first := range s.settlers("", "") {
			id, payment := s.cancelledUnderWay()
			settlers := s.settlers(id, payment)
			s.twentyTimes(settlers[first])
			s.must(errors.Join(settlers["charge"](), settlers["void"]()))
			s.expectEvents(id, "OrderCreated", "PaymentRequested", "OrderCancelled", "PaymentAbandoned", "PaymentVoided")
			s.expectTaken(nothing, nothing)
		}
	})
}

func TestMoneyTakenBeforeACancellationGoesBack(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"charge", "void"} {
		t.Run(first, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *shop) {
				id, payment := s.cancelledUnderWay()
				total := s.find(id).Total
				s.takeSilently(payment, total)
				s.twentyTimes(s.settlers(id, payment)[first])
				events := []string{"OrderCreated", "PaymentRequested", "OrderCancelled", "PaymentAbandoned", "RefundRequested"}
				s.expectEvents(id, events...)
				s.twentyTimes(s.refund(id, payment))
				s.expectEvents(id, append(events, "PaymentRefunded")...)
				s.expectTaken(total, total)
				for _, settle := range s.settlers(id, payment) {
					s.must(settle()) // replayed by hand, at the very end
				}
				s.expectTaken(total, total)
			})
		})
	}
}

// takeSilently has the provider take the money of a payment and lose its answer.
func (s *shop) takeSilently(payment order.PaymentID, amount money.Amount) {
	s.t.Helper()
	card, err := domain.ParseCardToken("tok_approved_checkout")
	s.must(err)
	_, err = simulator.New(s.db).Charge(s.t.Context(), payment, card, amount)
	s.must(err)
}

// A payment got stuck and the customer took another card. Its charge, tried again, the
// void and the new charge run side by side, many times: one of the two cards pays.
func TestOfTwoCardsOneIsCharged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *shop) {
		for _, taken := range []bool{false, true} {
			id, first := s.placeAndRequest(domain.Patience)
			total := s.find(id).Total
			if taken {
				s.takeSilently(first, total)
			}
			second := order.PaymentID(id + "-2")
			card, err := domain.ParseCardToken("tok_approved_second")
			s.must(err)
			s.must(s.update(id, func(o *domain.Order) error { return o.PayAgain(second, card, time.Now()) }))
			s.must(errors.Join(sideBySide(append(times(8, s.charge(id, first)), times(8, s.void(id, first))...)...)...))
			if taken {
				s.expectEvents(id, "OrderCreated", "PaymentRequested", "PaymentAbandoned", "PaymentReceived")
				s.expectTaken(total, nothing)
				s.forgetCharges()
				continue
			}
			s.expectEvents(id, "OrderCreated", "PaymentRequested", "PaymentAbandoned", "PaymentVoided", "PaymentRequested")
			s.expectTaken(nothing, nothing)
			s.twentyTimes(s.charge(id, second))
			s.must(errors.Join(s.charge(id, first)(), s.void(id, first)()))
			s.expectTaken(total, nothing)
			s.forgetCharges()
		}
	})
}

// forgetCharges empties the provider's book.
func (s *shop) forgetCharges() {
	s.t.Helper()
	s.must(s.db.Direct(s.t.Context()).Exec("DELETE FROM simulator_charges").Error)
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
