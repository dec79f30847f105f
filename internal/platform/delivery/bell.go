package delivery

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"tirage/internal/platform/bus"
)

// Asynq finds new tasks by asking Redis again and again: seldom is slow, often is a
// waste. The bell spares us the choice. Whoever enqueues a task rings it, by Redis'
// publish and subscribe; a worker whose queue was empty waits for the ring before it
// lets Asynq ask again. A ring that gets lost costs one patience and nothing else.
type bell struct {
	passThrough

	rung map[bus.Queue]chan struct{}
}

const (
	bellChannel = "tirage:bell"
	// patience is how long a worker waits for a ring. Tasks that become due in Redis by
	// themselves, retries, are found after it at the latest.
	patience = 100 * time.Millisecond
)

func newBell() *bell {
	b := &bell{rung: map[bus.Queue]chan struct{}{}}
	for _, queue := range bus.Queues() {
		b.rung[queue] = make(chan struct{}, 1)
	}
	return b
}

// ring tells that queue has a task.
func (b *bell) ring(queue bus.Queue) {
	select {
	case b.rung[queue] <- struct{}{}:
	default: // it has been rung, or there is no such queue
	}
}

// listen rings for every task that any process enqueues, until ctx is done.
func (b *bell) listen(ctx context.Context, client redis.UniversalClient) {
	subscription := client.Subscribe(ctx, bellChannel)
	defer func() { _ = subscription.Close() }()
	rings := subscription.Channel()
	for {
		select {
		case <-ctx.Done():
			return
		case ring := <-rings:
			if ring != nil {
				b.ring(bus.Queue(ring.Payload))
			}
		}
	}
}

func (b *bell) wait(queue bus.Queue) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-b.rung[queue]:
	case <-timer.C:
	}
}

// ProcessHook implements redis.Hook: a look into an empty queue takes until the bell.
func (b *bell) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		err := next(ctx, command)
		if queue, ok := looksInto(command); ok && errors.Is(err, redis.Nil) {
			b.wait(queue)
		}
		return err
	}
}

// looksInto recognises Asynq's script that takes a task by its keys (asynq v0.26,
// internal/rdb, dequeueCmd: pending, paused, active, lease).
func looksInto(command redis.Cmder) (bus.Queue, bool) {
	args := command.Args()
	if len(args) < 7 || args[2] != 4 {
		return "", false
	}
	pending, _ := args[3].(string)
	paused, _ := args[4].(string)
	queue, ok := strings.CutSuffix(strings.TrimPrefix(pending, "asynq:{"), "}:pending")
	return bus.Queue(queue), ok && strings.HasSuffix(paused, "}:paused")
}

// passThrough is the part of a redis.Hook that does nothing.
type passThrough struct{}

// DialHook implements redis.Hook.
func (passThrough) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessPipelineHook implements redis.Hook.
func (passThrough) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
