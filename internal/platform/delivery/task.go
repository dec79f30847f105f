package delivery

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/hibiken/asynq"

	"tirage/internal/platform/bus"
)

// ID names one delivery: one event, for one handler.
type ID struct {
	EventID string
	Handler string
}

// String is "event:handler", as commands and logs write it.
func (id ID) String() string { return id.EventID + ":" + id.Handler }

// ErrBadID is returned for text that names no delivery.
var ErrBadID = errors.New("a delivery is named event:handler")

// ParseID reads what String wrote.
func ParseID(text string) (ID, error) {
	eventID, handler, ok := strings.Cut(text, ":")
	if !ok || eventID == "" || handler == "" {
		return ID{}, fmt.Errorf("%w: %q", ErrBadID, text)
	}
	return ID{EventID: eventID, Handler: handler}, nil
}

// Task is one delivery on its way through Redis. It carries ids only.
type Task struct {
	ID
	Queue      bus.Queue
	Generation int
	Headers    map[string]string // correlation, causation and trace, for whoever looks at Redis
}

// taskID is unique by generation: a task that is stuck in Redis blocks its own id for
// ever, but not the next one.
func (t Task) taskID() string { return fmt.Sprintf("%s:%d", t.ID, t.Generation) }

type taskPayload struct {
	EventID    string `json:"event_id"`
	Generation int    `json:"generation"`
}

func (t Task) asynq(c Config) *asynq.Task {
	payload, err := json.Marshal(taskPayload{EventID: t.EventID, Generation: t.Generation})
	if err != nil { // a string and an int always encode
		payload = nil
	}
	return asynq.NewTaskWithHeaders(t.Handler, payload, t.Headers,
		asynq.TaskID(t.taskID()),
		asynq.Queue(string(t.Queue)),
		// The ledger counts attempts and decides; Asynq must never give up by itself.
		asynq.MaxRetry(maxAsynqRetries),
		// Later than our own timeout, so that it is always us who records the outcome.
		asynq.Timeout(c.ShutdownTimeout+c.HandlerTimeout),
	)
}

const maxAsynqRetries = 1_000_000

func taskFrom(t *asynq.Task) (Task, error) {
	var payload taskPayload
	if err := json.Unmarshal(t.Payload(), &payload); err != nil {
		return Task{}, fmt.Errorf("undecodable payload: %w", err)
	}
	if payload.EventID == "" || payload.Generation < 1 {
		return Task{}, errors.New("undecodable payload: no event id or generation")
	}
	return Task{
		ID:         ID{EventID: payload.EventID, Handler: t.Type()},
		Generation: payload.Generation,
		Headers:    t.Headers(),
	}, nil
}
