package e2e_test

import (
	"fmt"
	"time"
)

// Faults are healed within this, and usually much sooner; each test logs what it took. The
// longest wait is for a worker that was killed: Asynq gives it 30 s to be heard of again.
const healing = 120 * time.Second

const (
	confirmationHandler = "notification.SendConfirmationOnOrderCreated"
	receiptHandler      = "notification.SendReceiptOnOrderConfirmed"
	anotherCardHandler  = "notification.AskForAnotherCardOnPaymentDeclined"
	rejectedHandler     = "order.CancelOrderOnStockRejected"
	refundHandler       = "order.RefundOnRefundRequested"
)

// revive starts those of the shop's processes that are gone, as start does.
func (s *shop) revive(settings ...string) {
	s.t.Helper()
	if s.embedded {
		if s.web.ended() {
			s.start(settings...)
		}
		return
	}
	if s.web.ended() {
		s.web = s.begin("web", settings...)
		s.url = s.web.awaitReady(s.t)
	}
	if s.worker.ended() {
		s.worker = s.begin("worker", settings...)
		s.worker.awaitReady(s.t)
	}
}

func (s *shop) begin(role string, settings ...string) *process {
	s.t.Helper()
	p := begin(s.t, s.env.with(settings...), role)
	s.launched = append(s.launched, p)
	return p
}

// awaitAllConfirmed waits until every order that the shop has is confirmed and everybody has
// heard of it, even who is yet to try again, and returns how many there are.
func (s *shop) awaitAllConfirmed() int {
	s.t.Helper()
	awaitFor(s.t, healing, "every order to be confirmed", func() error {
		var open []string
		s.rows(&open, `SELECT id || ' is ' || status || ' ' || reason FROM orders WHERE status <> 'confirmed'`)
		if len(open) > 0 {
			return fmt.Errorf("%d are not: %s", len(open), open[0])
		}
		var pending []string
		s.rows(&pending, `SELECT handler || ' of ' || event_id FROM deliveries
			WHERE state = 'pending' AND handler <> 'order.CancelUnpaidOrderOnOrderCreated'`) // that is for later
		if len(pending) > 0 {
			return fmt.Errorf("%d deliveries are pending: %s", len(pending), pending[0])
		}
		return nil
	})
	return s.count(`SELECT COUNT(*) FROM orders`)
}

// buyOne is for crowd: the ith customer buys one copy of something there is enough of.
func (s *shop) buyOne(i int) (placed, error) {
	return s.tryPlace(orderBody(plenty[i%len(plenty)], 1, cardApproved))
}

// plenty are prints of forty copies or more each.
var plenty = []string{
	"FLOCK-01-S", "FLOCK-03-S", "GROVE-01-S", "GROVE-02-S", "LOOM-01-S",
	"LOOM-02-S", "ORBIT-01-S", "STRATA-01-S", "STRATA-02-S", "TIDE-01-M",
}
