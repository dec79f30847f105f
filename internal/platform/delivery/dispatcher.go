package delivery

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Dispatcher publishes new deliveries to Redis as soon as they are committed. It is
// fast but promises nothing: what it cannot publish stays pending in the ledger, and
// the reconciler publishes it later.
type Dispatcher struct {
	broker *Broker
	config Config
	log    *slog.Logger

	queue     chan Task
	downUntil atomic.Int64 // Unix nanoseconds; tasks are left to the reconciler until then
	running   sync.WaitGroup
}

const (
	dispatchers      = 32                     // side by side: they share the client's round trips
	dispatchBacklog  = 8192                   // tasks in memory before we leave them to the reconciler
	dispatchBreather = 500 * time.Millisecond // after a failure
)

// NewDispatcher returns a dispatcher; Start makes it work.
func NewDispatcher(broker *Broker, config Config, log *slog.Logger) *Dispatcher {
	return &Dispatcher{broker: broker, config: config, log: log, queue: make(chan Task, dispatchBacklog)}
}

// Offer takes over tasks without ever blocking. It must not be called after Stop.
func (d *Dispatcher) Offer(tasks []Task) {
	for _, t := range tasks {
		select {
		case d.queue <- t:
		default: // the reconciler will find it
		}
	}
}

// Start begins to publish.
func (d *Dispatcher) Start() {
	for range dispatchers {
		d.running.Go(func() {
			for t := range d.queue {
				d.publish(t)
			}
		})
	}
}

// Stop publishes what is left and returns.
func (d *Dispatcher) Stop() {
	close(d.queue)
	d.running.Wait()
}

func (d *Dispatcher) publish(t Task) {
	if time.Now().UnixNano() < d.downUntil.Load() {
		return
	}
	err := d.broker.Publish(context.Background(), t)
	if err == nil || errors.Is(err, errTaskExists) {
		d.downUntil.Store(0)
		d.config.crashAt(crashAfterEnqueue, t.Handler)
		return
	}
	if before := d.downUntil.Swap(time.Now().Add(dispatchBreather).UnixNano()); before == 0 {
		d.log.Warn("Redis does not take tasks; they wait in the ledger", "error", err)
	}
}
