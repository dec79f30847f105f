// Package delivery brings every committed domain event to every subscriber.
//
// The path of an event, in the order of the files to read:
//
//	ledger.go      stores events and one row per subscriber, in the producer's transaction
//	dispatcher.go  after the commit, publishes a task per row to Asynq
//	worker.go      takes a task and runs its handler; claim.go decides whether it may
//	failure.go     counts a failed attempt: retry later, or dead
//	reconciler.go  the safety net: publishes whatever is due and nobody works on
//	failed.go      the desk for what is dead: list, show, retry, remove
//
// The ledger is the truth and Redis is disposable. Every change of a row is
// conditional on its state and generation, so anything may happen twice.
package delivery

import (
	"time"

	"tirage/internal/platform/bus"
)

// Policy is the service level of a queue.
type Policy struct {
	Concurrency int           // handlers at work at once, per process
	MaxRetries  int           // attempts after the first
	Delay       time.Duration // before the first retry
	Multiplier  float64       // of the delay, from one retry to the next
}

// DelayAfter is how long to wait after the nth failed attempt, n from 1.
func (p Policy) DelayAfter(n int) time.Duration {
	delay := float64(p.Delay)
	for range n - 1 {
		delay *= p.Multiplier
	}
	return time.Duration(delay)
}

// Config is what a deployment may change.
type Config struct {
	// Worker names this process in the ledger and in logs.
	Worker string
	// Policies holds every queue's service level.
	Policies map[bus.Queue]Policy
	// HandlerTimeout bounds one run of a handler. It is shorter than ShutdownTimeout,
	// so that a shutdown lets every handler end.
	HandlerTimeout  time.Duration
	ShutdownTimeout time.Duration
	// Grace is how long a due delivery may be unsettled before the reconciler looks
	// whether somebody works on it.
	Grace time.Duration
	// ReconcileEvery is the pause between two rounds of the reconciler.
	ReconcileEvery time.Duration
	// FailureLab allows failures made on purpose: failure switches and crash points.
	FailureLab bool
	// CrashAt names the crash point at which the process kills itself; see lab.go.
	CrashAt string
}

// DefaultConfig is the service the shop gives unless told otherwise.
func DefaultConfig() Config {
	retries := func(concurrency int) Policy {
		return Policy{Concurrency: concurrency, MaxRetries: 3, Delay: time.Second, Multiplier: 2}
	}
	return Config{
		Policies: map[bus.Queue]Policy{
			bus.Critical: retries(12),
			bus.Default:  retries(6),
			bus.Low:      retries(2),
		},
		HandlerTimeout:  20 * time.Second,
		ShutdownTimeout: 25 * time.Second,
		Grace:           2 * time.Second,
		ReconcileEvery:  time.Second,
	}
}

// lease is how long an external effect is fenced off from a second try. It outlives
// the handler's timeout, so only a worker that vanished lets it expire.
func (c Config) lease() time.Duration { return c.HandlerTimeout + 5*time.Second }

// State is where a delivery stands.
type State string

// The states of a delivery.
const (
	Pending State = "pending" // not done yet: waiting, being worked on, or to be retried
	Done    State = "done"
	Dead    State = "dead"    // out of attempts, or failed for good; see failed.go
	Removed State = "removed" // given up by hand
)

// Outcome is how one attempt ended.
type Outcome string

// The outcomes of an attempt.
const (
	Succeeded         Outcome = "done"
	Failed            Outcome = "failed"
	FailedPermanently Outcome = "permanent"
	Panicked          Outcome = "panicked"
	Vanished          Outcome = "vanished" // its worker was never heard of again
)
