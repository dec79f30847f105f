package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
	"tirage/internal/platform/event"
)

// Worker runs deliveries: it takes tasks from Asynq, claims their rows, and runs their
// handlers.
type Worker struct {
	ledger *Ledger
	work   *database.UnitOfWork
	events *bus.Events
	lab    *Lab
	config Config
	log    *slog.Logger

	redis       redis.UniversalClient
	bell        *bell
	stopBell    context.CancelFunc
	closing     context.Context // done when Stop is called
	close       context.CancelFunc
	servers     []*asynq.Server
	running     sync.WaitGroup
	room        sync.RWMutex // held by each delivery that is run, alone by a suspect; see makeRoom
	outageSince atomic.Int64 // Unix nanoseconds of the first delivery that met an unavailable database; 0 is none
}

// NewWorker returns a worker that takes tasks through client, one Asynq server per
// queue, so that each service level has workers of its own.
func NewWorker(client redis.UniversalClient, ledger *Ledger, work *database.UnitOfWork) *Worker {
	w := &Worker{
		ledger: ledger, work: work, events: ledger.events, lab: NewLab(ledger.db),
		config: ledger.config, log: ledger.log, redis: client, bell: newBell(),
	}
	w.closing, w.close = context.WithCancel(context.Background())
	client.AddHook(w.bell)
	for _, queue := range bus.Queues() {
		w.servers = append(w.servers, asynq.NewServerFromRedisClient(client, w.serverConfig(queue)))
	}
	return w
}

func (w *Worker) serverConfig(queue bus.Queue) asynq.Config {
	return asynq.Config{
		Concurrency:              w.config.Policies[queue].Concurrency,
		Queues:                   map[string]int{string(queue): 1},
		TaskCheckInterval:        time.Millisecond,       // the bell says when to look
		DelayedTaskCheckInterval: 100 * time.Millisecond, // its default of 5 s would make a 1 s retry late
		ShutdownTimeout:          w.config.ShutdownTimeout,
		RetryDelayFunc:           retryDelay,
		IsFailure:                isFailure,
		Logger:                   asynqLog{w.log},
		LogLevel:                 asynq.WarnLevel,
	}
}

// Start begins to take tasks.
func (w *Worker) Start() error {
	ctx, stop := context.WithCancel(context.Background())
	w.stopBell = stop
	go w.bell.listen(ctx, w.redis)
	for _, server := range w.servers {
		if err := server.Start(w); err != nil {
			return fmt.Errorf("start worker: %w", err)
		}
	}
	return nil
}

// Stop takes no more tasks, lets the handlers at work end, and returns when the last
// one has: Asynq itself would leave behind those that exceed its patience.
func (w *Worker) Stop() {
	w.close()
	var stopped sync.WaitGroup
	for _, server := range w.servers {
		stopped.Go(server.Shutdown)
	}
	stopped.Wait()
	w.running.Wait()
	w.stopBell()
}

// ProcessTask implements asynq.Handler.
func (w *Worker) ProcessTask(ctx context.Context, asynqTask *asynq.Task) error {
	w.running.Add(1)
	defer w.running.Done()

	queue, _ := asynq.GetQueueName(ctx)
	t, err := taskFrom(asynqTask)
	if err != nil {
		taskID, _ := asynq.GetTaskID(ctx)
		return w.park(ctx, taskID, queue, asynqTask, err.Error())
	}
	t.Queue = bus.Queue(queue)
	subscription, ok := w.events.Subscription(t.Handler)
	if !ok {
		return w.strange(ctx, t, asynqTask)
	}
	t.Queue = subscription.Queue
	// The handler's clock is ours, not Asynq's: who runs it must also be who records how
	// it ended. Values, such as the trace, pass.
	ctx = otel.GetTextMapPropagator().Extract(context.WithoutCancel(ctx), propagation.MapCarrier(t.Headers))
	return w.run(ctx, subscription, t, asynqTask)
}

// run makes one attempt and tells Asynq what follows: nil forgets the task.
func (w *Worker) run(ctx context.Context, s bus.Subscription, t Task, asynqTask *asynq.Task) error {
	leave, err := w.makeRoom(ctx, t)
	if err != nil {
		return w.unavailable(ctx, t, "", err)
	}
	defer leave()
	started := time.Now()
	var held claimed
	err = noPanic(func() error {
		timed, cancel := context.WithTimeout(ctx, w.config.HandlerTimeout)
		defer cancel()
		return w.attempt(timed, s, t, started, &held)
	})
	postponed, isPostponed := errors.AsType[*bus.Postponed](err)
	switch {
	case err == nil:
		w.outageSince.Store(0)
		w.config.crashAt(crashAfterHandlerCommit, t.Handler)
		return nil
	case errors.Is(err, errNotClaimed):
		return w.notClaimed(ctx, t, held.Lease, asynqTask)
	case errors.Is(err, errDead):
		return archive(t)
	case isPostponed:
		if err := w.ledger.postpone(ctx, t, held.Lease, postponed.After); err != nil {
			return w.unavailable(ctx, t, held.Lease, err)
		}
		return comeBack(t, postponed.After)
	case database.IsUnavailable(err) || database.IsConflict(err):
		return w.unavailable(ctx, t, held.Lease, err)
	}
	return w.failed(ctx, s, t, held, started, err)
}

// makeRoom waits until a delivery may be run here, and returns what to call after it.
// They run side by side, but for the one that a worker vanished over: it is run alone. If
// it kills its process each time, it takes nobody with it, and what was only near it when
// it struck for the first time is not counted to death beside it.
func (w *Worker) makeRoom(ctx context.Context, t Task) (leave func(), err error) {
	if t.Generation > 1 {
		suspect, err := w.ledger.vanishedBefore(ctx, t)
		if err != nil {
			return nil, err
		}
		if suspect {
			w.room.Lock()
			return w.room.Unlock, nil
		}
	}
	w.room.RLock()
	return w.room.RUnlock, nil
}

// attempt runs the handler under a claim. An external handler, and a delivery that
// went astray before and may be what kills its workers, first takes a lease: a mark
// that outlives this process.
func (w *Worker) attempt(ctx context.Context, s bus.Subscription, t Task, started time.Time, held *claimed) error {
	mode, err := w.failureMode(ctx, s.Handler)
	if err != nil {
		return err
	}
	var outcome any
	if s.External() || t.Generation > 1 {
		if *held, err = w.lease(ctx, t); err != nil {
			return err
		}
	}
	if s.External() {
		if outcome, err = w.call(ctx, s, held.Envelope, mode); err != nil {
			return err
		}
	}
	return w.work.Do(ctx, func(ctx context.Context) error {
		c, err := w.ledger.claim(ctx, t, held.Lease)
		if err != nil {
			return err
		}
		*held = c
		ctx = follow(ctx, c.Envelope)
		if s.External() {
			err = s.Complete(ctx, c.Envelope, outcome)
		} else {
			err = handle(ctx, s, c.Envelope, mode)
		}
		if err != nil {
			return err
		}
		if err := w.ledger.settle(ctx, t, c.Attempts, started); err != nil {
			return err
		}
		w.config.crashAt(crashBeforeHandlerCommit, t.Handler)
		return nil
	})
}

// lease claims a delivery under a lease. When the lease of another has expired, that
// worker vanished while it ran this very delivery, which counts as an attempt: a
// message that kills its process dies too.
func (w *Worker) lease(ctx context.Context, t Task) (c claimed, err error) {
	var vanished failure
	var dead bool
	err = w.work.Do(ctx, func(ctx context.Context) (err error) {
		vanished, dead = failure{}, false
		if c, err = w.ledger.claim(ctx, t, ""); err != nil {
			return err
		}
		if c.Lease != "" {
			vanished = failure{Task: t, attempts: c.Attempts, outcome: Vanished, fence: c.Lease, err: errVanished}
			if dead, err = w.ledger.recordFailure(ctx, vanished, w.config.Policies[t.Queue]); err != nil || dead {
				return err
			}
			c.Attempts++
		}
		return w.ledger.lease(ctx, t, &c)
	})
	if err == nil && vanished.err != nil {
		w.ledger.logFailure(vanished, c.Envelope, dead)
	}
	if err == nil && dead {
		return c, errDead
	}
	return c, err
}

func (w *Worker) failureMode(ctx context.Context, handler string) (Mode, error) {
	if !w.config.FailureLab {
		return noFailureSwitch, nil
	}
	return w.lab.take(ctx, handler)
}

func handle(ctx context.Context, s bus.Subscription, e event.Envelope, mode Mode) error {
	if err := mode.before(ctx); err != nil {
		return err
	}
	if err := s.Handle(ctx, e); err != nil {
		return err
	}
	return mode.after()
}

func (w *Worker) call(ctx context.Context, s bus.Subscription, e event.Envelope, mode Mode) (any, error) {
	if err := mode.before(ctx); err != nil {
		return nil, err
	}
	outcome, err := s.Call(follow(ctx, e), e)
	if err != nil {
		return nil, err
	}
	return outcome, mode.after()
}

// follow makes what a handler records a consequence of its event.
func follow(ctx context.Context, e event.Envelope) context.Context {
	return event.WithTrail(ctx, event.Trail{CorrelationID: e.CorrelationID, CausationID: e.ID})
}
