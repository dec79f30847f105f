package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"tirage/internal/platform/bus"
)

// Broker is Redis' side of delivery. Its keys are Asynq's, so that Asynq's own tools
// keep working.
type Broker struct {
	redis     redis.UniversalClient
	client    *asynq.Client
	inspector *asynq.Inspector
	config    Config
}

// NewBroker publishes through a Redis client that gives up quickly; see OpenRedis.
func NewBroker(client redis.UniversalClient, config Config) *Broker {
	// Concurrent enqueues share round trips. A client that cannot do so enqueues one by one.
	pipelined := client
	if face, err := client.AutoPipeline(); err == nil {
		pipelined = face
	}
	return &Broker{
		redis:     pipelined,
		client:    asynq.NewClientFromRedisClient(pipelined),
		inspector: asynq.NewInspectorFromRedisClient(client),
		config:    config,
	}
}

// Inspector is Asynq's view of the queues.
func (b *Broker) Inspector() *asynq.Inspector { return b.inspector }

// errTaskExists says that Redis holds a task of the same id, not that it will run.
var errTaskExists = errors.New("a task of this id exists")

// publishTimeout bounds one call to Redis: it is either there or away.
const publishTimeout = 500 * time.Millisecond

// Publish enqueues a task and rings for it, or returns errTaskExists.
func (b *Broker) Publish(ctx context.Context, t Task) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	_, err := b.client.EnqueueContext(ctx, t.asynq(b.config))
	switch {
	case errors.Is(err, asynq.ErrTaskIDConflict):
		return errTaskExists
	case err != nil:
		return fmt.Errorf("publish %s: %w", t.taskID(), err)
	}
	_ = b.redis.Publish(ctx, bellChannel, string(t.Queue)).Err() // unheard, the task is found a little later
	return nil
}

// Ping reports whether Redis answers.
func (b *Broker) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	return b.redis.Ping(ctx).Err()
}

// RegisterQueues makes the queues known to Asynq's tools, without which they say of any
// task that its queue does not exist. Asynq's client does so once in its life, which is
// not enough for a Redis that was emptied.
func (b *Broker) RegisterQueues(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	var queues []any
	for _, queue := range bus.Queues() {
		queues = append(queues, string(queue))
	}
	if err := b.redis.SAdd(ctx, "asynq:queues", queues...).Err(); err != nil {
		return fmt.Errorf("register queues: %w", err)
	}
	return nil
}

// standing is what became of a task in Redis.
type standing int

const (
	standsWell     standing = iota // it waits or runs
	standsNowhere                  // Redis does not know it
	standsStuck                    // it is there and will never run
	standsOrphaned                 // it was running, and its worker vanished
)

// standing looks a task up. overdue tells how long it should have been done: only
// what is long overdue is worth the search for a task whose queue lost it.
func (b *Broker) standing(ctx context.Context, t Task, overdue time.Duration) (standing, error) {
	info, err := b.inspector.GetTaskInfo(string(t.Queue), t.taskID())
	switch {
	case errors.Is(err, asynq.ErrTaskNotFound), errors.Is(err, asynq.ErrQueueNotFound):
		return standsNowhere, nil
	case err != nil:
		return standsWell, fmt.Errorf("look up %s: %w", t.taskID(), err)
	}
	key := func(kind string) string { return "asynq:{" + string(t.Queue) + "}:" + kind }
	switch info.State {
	case asynq.TaskStateArchived, asynq.TaskStateCompleted:
		return standsStuck, nil
	case asynq.TaskStateActive:
		return b.activeStanding(ctx, t, key("lease"))
	case asynq.TaskStatePending:
		if overdue < longOverdue {
			return standsWell, nil
		}
		return found(b.redis.LPos(ctx, key("pending"), t.taskID(), redis.LPosArgs{}).Err())
	case asynq.TaskStateRetry:
		return found(b.redis.ZScore(ctx, key("retry"), t.taskID()).Err())
	case asynq.TaskStateScheduled:
		return found(b.redis.ZScore(ctx, key("scheduled"), t.taskID()).Err())
	default: // nothing of ours is ever aggregating
		return standsWell, nil
	}
}

const longOverdue = time.Minute

func found(err error) (standing, error) {
	if errors.Is(err, redis.Nil) {
		return standsStuck, nil
	}
	return standsWell, err
}

// activeStanding tells a running task from one whose worker died: Asynq keeps a lease
// for each, extended by a heartbeat. A task may end between our two looks, so only
// one that is still active after its lease was found missing is orphaned.
func (b *Broker) activeStanding(ctx context.Context, t Task, leases string) (standing, error) {
	expiry, err := b.redis.ZScore(ctx, leases, t.taskID()).Result()
	switch {
	case err != nil && !errors.Is(err, redis.Nil):
		return standsWell, err
	case err == nil && time.Unix(int64(expiry), 0).After(time.Now()):
		return standsWell, nil
	}
	info, err := b.inspector.GetTaskInfo(string(t.Queue), t.taskID())
	if err != nil || info.State != asynq.TaskStateActive {
		return standsWell, nil //nolint:nilerr // it moved on while we looked; the next round sees where
	}
	return standsOrphaned, nil
}
