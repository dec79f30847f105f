package delivery

import (
	"context"
	"io"
	"time"

	"github.com/redis/go-redis/v9"
)

// greeting is a hook for a client that tries for long. Each new connection begins with a
// HELLO, which go-redis repeats, like any command, as often as MaxRetries says, and on
// that same connection. Where something in between accepts connections for a Redis that is
// not there yet, that one is dead, and the client with it for half a minute. Here it is
// given up soon, and the command itself goes on trying, by another connection.
type greeting struct{ passThrough }

const greetingPatience = 500 * time.Millisecond

// ProcessHook implements redis.Hook.
func (greeting) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		if command.Name() != "hello" {
			return next(ctx, command)
		}
		patient, cancel := context.WithTimeout(ctx, greetingPatience)
		defer cancel()
		err := next(patient, command)
		if err != nil && patient.Err() != nil && ctx.Err() == nil {
			return io.EOF // go-redis would not try again after a deadline
		}
		return err
	}
}
