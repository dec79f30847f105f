package bus_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/event"
)

type moved struct {
	To string `json:"to"`
}

func (moved) EventType() event.Type { return event.Type{Name: "test.Moved", Version: 1} }

type sank struct{}

func (sank) EventType() event.Type { return event.Type{Name: "test.Sank", Version: 1} }

func TestASubscriptionIsGivenTheFactOfTheEnvelope(t *testing.T) {
	t.Parallel()
	var trace []string
	events := bus.NewEvents(traced(&trace, "middleware"))
	bus.Subscribe(events, bus.Subscription{Handler: "test.Draw", Queue: bus.Low}, func(_ context.Context, e moved) error {
		trace = append(trace, "to "+e.To)
		return nil
	})
	s, ok := events.Subscription("test.Draw")
	if !ok || s.External() || s.Event().Name != "test.Moved" || !strings.Contains(s.Source(), "bus_test.") {
		t.Fatalf("subscription %+v", s)
	}
	if err := s.Handle(t.Context(), sealed(t, moved{To: "the river"})); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"middleware", "to the river"}, trace); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := s.Handle(t.Context(), sealed(t, sank{})); !errors.Is(err, event.ErrUndecodable) {
		t.Errorf("another event: got %v, want ErrUndecodable", err)
	}
}

func TestAnExternalSubscriptionCompletesWithWhatItsCallReturned(t *testing.T) {
	t.Parallel()
	events := bus.NewEvents()
	var completed string
	bus.SubscribeExternal(events, bus.Subscription{Handler: "test.Post", Queue: bus.Default},
		func(_ context.Context, e moved) (string, error) { return "posted " + e.To, nil },
		func(_ context.Context, _ moved, receipt string) error { completed = receipt; return nil })
	s, _ := events.Subscription("test.Post")
	if !s.External() {
		t.Fatal("it is not external")
	}
	e := sealed(t, moved{To: "the river"})
	outcome, err := s.Call(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Complete(t.Context(), e, outcome); err != nil || completed != "posted the river" {
		t.Errorf("completed with %q, %v", completed, err)
	}
}

func TestSubscribersOfAnEventAreListedByName(t *testing.T) {
	t.Parallel()
	events := bus.NewEvents()
	subscribe(events, "test.B", bus.Default)
	subscribe(events, "test.A", bus.Default)
	bus.Subscribe(events, bus.Subscription{Handler: "test.C"}, func(context.Context, sank) error { return nil })
	var names []string
	for _, s := range events.SubscribersOf(moved{}.EventType()) {
		names = append(names, s.Handler)
	}
	if diff := cmp.Diff([]string{"test.A", "test.B"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCheckFindsMistakesInTheWiring(t *testing.T) {
	t.Parallel()
	right := bus.NewEvents()
	right.Publishes(moved{})
	subscribe(right, "test.Draw", bus.Default)
	if err := right.Check(); err != nil {
		t.Errorf("nothing is wrong, but: %v", err)
	}

	wrong := bus.NewEvents()
	subscribe(wrong, "test.Draw", "urgent")
	subscribe(wrong, "test.DrawAgain", bus.Default)
	err := wrong.Check()
	if err == nil {
		t.Fatal("no mistake was found")
	}
	for _, mistake := range []string{
		"test.Draw: nobody publishes test.Moved", `test.Draw: unknown queue "urgent"`, "test.DrawAgain begins with the name of test.Draw",
	} {
		if !strings.Contains(err.Error(), mistake) {
			t.Errorf("%q is not reported in:\n%v", mistake, err)
		}
	}
}

func subscribe(events *bus.Events, handler string, queue bus.Queue) {
	bus.Subscribe(events, bus.Subscription{Handler: handler, Queue: queue}, func(context.Context, moved) error { return nil })
}

func sealed(t *testing.T, fact event.Fact) event.Envelope {
	t.Helper()
	e, err := event.Seal(event.Recorded{Fact: fact}, event.Trail{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}
