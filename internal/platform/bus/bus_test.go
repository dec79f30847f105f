package bus_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/platform/bus"
)

type lift struct{ stone string }

type whereIs struct{ stone string }

var errTooHeavy = errors.New("too heavy")

func TestACommandReachesItsHandlerThroughTheMiddleware(t *testing.T) {
	t.Parallel()
	var trace []string
	commands := bus.NewCommands(traced(&trace, "outer"), traced(&trace, "inner"))
	bus.Handle(commands, func(_ context.Context, c lift) error {
		trace = append(trace, "lift "+c.stone)
		return errTooHeavy
	})
	if err := commands.Execute(t.Context(), lift{stone: "one"}); !errors.Is(err, errTooHeavy) {
		t.Errorf("got %v, want the handler's own error", err)
	}
	if diff := cmp.Diff([]string{"outer", "inner", "lift one"}, trace); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAMessageWithoutAHandlerIsAnError(t *testing.T) {
	t.Parallel()
	if err := bus.NewCommands().Execute(t.Context(), lift{}); !errors.Is(err, bus.ErrNoHandler) {
		t.Errorf("command: got %v, want ErrNoHandler", err)
	}
	if _, err := bus.Ask[string](t.Context(), bus.NewQueries(), whereIs{}); !errors.Is(err, bus.ErrNoHandler) {
		t.Errorf("query: got %v, want ErrNoHandler", err)
	}
}

func TestASecondHandlerOfACommandStopsTheProgram(t *testing.T) {
	t.Parallel()
	commands := bus.NewCommands()
	bus.Handle(commands, func(context.Context, lift) error { return nil })
	defer func() {
		if recover() == nil {
			t.Error("a second handler was registered")
		}
	}()
	bus.Handle(commands, func(context.Context, lift) error { return nil })
}

func TestAQueryIsAnswered(t *testing.T) {
	t.Parallel()
	queries := bus.NewQueries()
	bus.Answer(queries, func(_ context.Context, q whereIs) (string, error) { return q.stone + " is in the garden", nil })

	answer, err := bus.Ask[string](t.Context(), queries, whereIs{stone: "one"})
	if err != nil || answer != "one is in the garden" {
		t.Errorf("got %q, %v", answer, err)
	}
	if _, err := bus.Ask[int](t.Context(), queries, whereIs{}); err == nil {
		t.Error("a string was taken for an int")
	}
}

func TestAPermanentErrorStaysOneWhenItIsWrapped(t *testing.T) {
	t.Parallel()
	err := errors.Join(errors.New("lift one"), bus.Permanent(errTooHeavy))
	if !bus.IsPermanent(err) || !errors.Is(err, errTooHeavy) {
		t.Errorf("%v: permanent is %v", err, bus.IsPermanent(err))
	}
	if bus.IsPermanent(errTooHeavy) {
		t.Error("an ordinary error is permanent")
	}
}

func TestNotYetSaysWhen(t *testing.T) {
	t.Parallel()
	postponed, ok := errors.AsType[*bus.Postponed](bus.NotYet(time.Minute, "the stone is wet"))
	if !ok || postponed.After != time.Minute {
		t.Errorf("got %+v", postponed)
	}
}

func traced(trace *[]string, name string) bus.Middleware {
	return func(next bus.Handler) bus.Handler {
		return func(ctx context.Context, message any) (any, error) {
			*trace = append(*trace, name)
			return next(ctx, message)
		}
	}
}
