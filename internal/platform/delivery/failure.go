package delivery

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/event"
)

// failure is an attempt that failed and counts.
type failure struct {
	Task

	attempts int // that failed before this one
	outcome  Outcome
	fence    string // the lease it held, if any
	started  time.Time
	err      error
	stack    string
}

// recordFailure counts a failed attempt and decides: due again after the policy's
// delay, or dead. It reports whether the delivery is now dead. Nothing happens, and
// nothing is recorded, when the row has moved on: another generation, another lease,
// another count of attempts. It writes in the unit of work of ctx.
func (l *Ledger) recordFailure(ctx context.Context, f failure, policy Policy) (dead bool, err error) {
	number := f.attempts + 1
	dead = number > policy.MaxRetries || f.outcome == FailedPermanently
	state, settledAt := Pending, "NULL"
	if dead {
		state, settledAt = Dead, l.db.Now()
	}
	delay := policy.DelayAfter(number)
	text := cut(f.err.Error(), maxError)
	result := l.db.Conn(ctx).Exec(`UPDATE deliveries
		SET state = ?, attempts = ?, error = ?, due_at = `+l.db.Now()+` + ?, check_at = `+l.db.Now()+` + ?,
			lease = '', lease_until = 0, settled_at = `+settledAt+`
		WHERE event_id = ? AND handler = ? AND state = 'pending' AND generation = ? AND attempts = ? AND lease = ?`,
		string(state), number, text, delay.Microseconds(), (delay + l.config.Grace).Microseconds(),
		f.EventID, f.Handler, f.Generation, f.attempts, f.fence)
	if result.Error != nil {
		return false, fmt.Errorf("record failure of %s: %w", f.ID, result.Error)
	}
	if result.RowsAffected == 0 {
		return false, nil
	}
	finished := time.Now()
	if f.started.IsZero() {
		f.started = finished
	}
	return dead, l.recordAttempt(ctx, attempt{
		Task: f.Task, Number: number, Outcome: f.outcome, StartedAt: f.started, FinishedAt: finished,
		Error: text, Stack: f.stack,
	})
}

// logFailure writes the one log line of a failed attempt, with all there is to know.
func (l *Ledger) logFailure(f failure, e event.Envelope, dead bool) {
	log := l.log.With("event", f.EventID, "type", e.Type.Name, "handler", f.Handler, "queue", f.Queue,
		"attempt", f.attempts+1, "generation", f.Generation, "outcome", f.outcome,
		"aggregate", e.AggregateID, "correlation", e.CorrelationID, "causation", e.CausationID)
	if dead {
		log.Error("delivery is dead", "error", f.err)
		return
	}
	log.Warn("delivery failed", "retry_in", l.config.Policies[f.Queue].DelayAfter(f.attempts+1), "error", f.err)
}

// errVanished is the error of an attempt whose worker was never heard of again.
var errVanished = errors.New("the worker vanished while it ran this delivery")

// errDead says that the last attempt has been counted.
var errDead = errors.New("delivery is dead")

// postpone moves a delivery whose time has not come, without counting an attempt.
func (l *Ledger) postpone(ctx context.Context, t Task, fence string, after time.Duration) error {
	return l.db.Direct(ctx).Exec(`UPDATE deliveries SET due_at = `+l.db.Now()+` + ?, check_at = `+l.db.Now()+` + ?, lease = '', lease_until = 0
		WHERE event_id = ? AND handler = ? AND state = 'pending' AND generation = ? AND lease = ?`,
		after.Microseconds(), (after + l.config.Grace).Microseconds(), t.EventID, t.Handler, t.Generation, fence).Error
}

// panicError is what a handler's panic becomes.
type panicError struct {
	value any
	stack string
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// noPanic runs fn and turns its panic into an error.
func noPanic(fn func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicError{value: value, stack: string(debug.Stack())}
		}
	}()
	return fn()
}

// describe tells how a counted attempt failed and where.
func describe(err error, s bus.Subscription) (Outcome, string) {
	if p, ok := errors.AsType[*panicError](err); ok {
		return Panicked, p.stack
	}
	stack := "in " + s.Source() + "\n" + errorChain(err)
	if bus.IsPermanent(err) || errors.Is(err, event.ErrUndecodable) {
		return FailedPermanently, stack
	}
	return Failed, stack
}

// errorChain lists an error and what it wraps, outermost first: a Go error carries no
// stack, but says at each level what was being done.
func errorChain(err error) string {
	var lines []string
	for ; err != nil; err = errors.Unwrap(err) {
		lines = append(lines, fmt.Sprintf("%T: %v", err, err))
	}
	return strings.Join(lines, "\n")
}
