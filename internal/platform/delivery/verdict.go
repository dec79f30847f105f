package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/hibiken/asynq"

	"tirage/internal/platform/bus"
)

// comeBackError tells Asynq to run a task again, without calling that a failure.
type comeBackError struct {
	delivery ID
	after    time.Duration
}

func (e *comeBackError) Error() string { return "waits: " + e.delivery.String() }

func comeBack(t Task, after time.Duration) error {
	return &comeBackError{delivery: t.ID, after: after}
}

// retryError tells Asynq that an attempt failed and when the next one is due. What it
// says is stored in Redis, so it names the delivery and nothing else.
type retryError struct {
	delivery ID
	after    time.Duration
}

func (e *retryError) Error() string { return "failed: " + e.delivery.String() }

// retryDelay implements asynq.RetryDelayFunc. Asynq keeps whole seconds and cuts the
// rest off, so we round up to the next one: late by less than a second, never early.
func retryDelay(_ int, err error, _ *asynq.Task) time.Duration {
	after := twinPause
	if e, ok := errors.AsType[*comeBackError](err); ok {
		after = e.after
	} else if e, ok := errors.AsType[*retryError](err); ok {
		after = e.after
	}
	due := time.Now().Add(after)
	return time.Until(due.Truncate(time.Second).Add(time.Second))
}

// isFailure keeps what only waits out of Asynq's count of failures.
func isFailure(err error) bool {
	_, waits := errors.AsType[*comeBackError](err)
	return !waits
}

// archive tells Asynq to put a task whose delivery is dead into its archive.
func archive(t Task) error { return fmt.Errorf("dead: %s: %w", t.ID, asynq.SkipRetry) }

// notClaimed decides about a task whose row was not ours to run.
func (w *Worker) notClaimed(ctx context.Context, t Task, fence string, asynqTask *asynq.Task) error {
	if fence != "" { // it was ours until another took it over; if it still is, nobody need wait for it to expire
		if err := w.ledger.release(ctx, t, fence); err != nil {
			return w.unavailable(ctx, t, "", err)
		}
	}
	why, err := w.ledger.whyNot(ctx, t)
	switch {
	case err != nil:
		return w.unavailable(ctx, t, "", err)
	case why.settled:
		return nil
	case why.unknown:
		return w.park(ctx, t.taskID(), string(t.Queue), asynqTask, "the ledger has no such delivery")
	}
	return comeBack(t, why.wait)
}

// unavailable waits for a database that is away or a process that is ending. It is no
// attempt: however long it takes, nothing dies of it.
func (w *Worker) unavailable(ctx context.Context, t Task, fence string, cause error) error {
	if fence != "" {
		w.giveBack(ctx, t, fence)
	}
	after := w.outageBackoff()
	w.log.Warn("delivery waits", "event", t.EventID, "handler", t.Handler, "again_in", after, "error", cause)
	return comeBack(t, after)
}

// giveBack releases a lease, as soon as the database can be told so. Left to expire it
// would hold the delivery up, and then count as a worker that vanished.
func (w *Worker) giveBack(ctx context.Context, t Task, fence string) {
	for {
		timed, cancel := context.WithTimeout(ctx, time.Second)
		err := w.ledger.release(timed, t, fence)
		cancel()
		if err == nil {
			return
		}
		select {
		case <-w.closing.Done():
			w.log.Warn("a lease is left to expire", "event", t.EventID, "handler", t.Handler, "error", err)
			return
		case <-time.After(giveBackPause):
		}
	}
}

const giveBackPause = 500 * time.Millisecond

// outageBackoff waits half as long as the outage has lasted, so that the pauses grow
// with it, between 1 s and 15 s.
func (w *Worker) outageBackoff() time.Duration {
	now := time.Now()
	w.outageSince.CompareAndSwap(0, now.UnixNano())
	lasted := now.Sub(time.Unix(0, w.outageSince.Load()))
	return min(max(lasted/2, time.Second), 15*time.Second)
}

// failed records an attempt that counts and tells Asynq what the ledger decided.
func (w *Worker) failed(ctx context.Context, s bus.Subscription, t Task, held claimed, started time.Time, cause error) error {
	outcome, stack := describe(cause, s)
	f := failure{
		Task: t, attempts: held.Attempts, outcome: outcome, fence: held.Lease,
		started: started, err: cause, stack: stack,
	}
	policy := w.config.Policies[t.Queue]
	var dead bool
	err := w.work.Do(ctx, func(ctx context.Context) (err error) {
		dead, err = w.ledger.recordFailure(ctx, f, policy)
		return err
	})
	if err != nil {
		return w.unavailable(ctx, t, held.Lease, errors.Join(cause, err))
	}
	w.ledger.logFailure(f, held.Envelope, dead)
	if dead {
		return archive(t)
	}
	return &retryError{delivery: t.ID, after: policy.DelayAfter(f.attempts + 1)}
}

// strange decides about a task whose handler this program lacks: another version of
// the program may have it, so it waits, uncounted. Only what no ledger row knows is
// parked.
func (w *Worker) strange(ctx context.Context, t Task, asynqTask *asynq.Task) error {
	why, err := w.ledger.whyNot(ctx, t)
	switch {
	case err != nil:
		return w.unavailable(ctx, t, "", err)
	case why.unknown:
		return w.park(ctx, t.taskID(), string(t.Queue), asynqTask, "the ledger has no such delivery")
	case why.settled:
		return nil
	}
	w.log.Warn("this program lacks the handler; the delivery waits", "event", t.EventID, "handler", t.Handler)
	return comeBack(t, strangePause)
}

const strangePause = 30 * time.Second

// park keeps a task that makes no sense where it can be listed, and takes it out of
// the queue.
func (w *Worker) park(ctx context.Context, taskID, queue string, t *asynq.Task, why string) error {
	err := w.ledger.db.Direct(ctx).Exec(`INSERT INTO parked_tasks (task_id, queue, type, payload, reason, parked_at)
		VALUES (?, ?, ?, ?, ?, `+w.ledger.db.Now()+`) ON CONFLICT (task_id) DO NOTHING`,
		taskID, queue, cut(t.Type(), maxError), cut(string(t.Payload()), maxStack), why).Error
	if err != nil {
		w.log.Warn("cannot park a task; it waits", "task", taskID, "error", err)
		return &comeBackError{after: twinPause}
	}
	w.log.Error("task parked", "task", taskID, "queue", queue, "reason", why)
	return nil
}

// asynqLog gives Asynq's own log lines to slog.
type asynqLog struct{ log *slog.Logger }

func (l asynqLog) Debug(args ...any) { l.log.Debug("asynq: " + fmt.Sprint(args...)) }
func (l asynqLog) Info(args ...any)  { l.log.Info("asynq: " + fmt.Sprint(args...)) }
func (l asynqLog) Warn(args ...any)  { l.log.Debug("asynq: " + fmt.Sprint(args...)) } // it warns of each retry; we log those
func (l asynqLog) Error(args ...any) { l.log.Error("asynq: " + fmt.Sprint(args...)) }
func (l asynqLog) Fatal(args ...any) { l.log.Error("asynq: " + fmt.Sprint(args...)) }
