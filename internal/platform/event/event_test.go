package event_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/platform/event"
)

func TestARecorderCountsFromTheStoredVersion(t *testing.T) {
	t.Parallel()
	r := event.Recall("test.Stone", "one", 4)
	r.Record(moved{To: "the garden"})
	r.Record(moved{To: "the river"})
	if r.StoredVersion() != 4 || r.Version() != 6 {
		t.Errorf("stored at %d, now at %d, want 4 and 6", r.StoredVersion(), r.Version())
	}

	released := r.ReleaseEvents()
	for i, want := range []event.Recorded{
		{Aggregate: "test.Stone", AggregateID: "one", AggregateVersion: 5, Fact: moved{To: "the garden"}},
		{Aggregate: "test.Stone", AggregateID: "one", AggregateVersion: 6, Fact: moved{To: "the river"}},
	} {
		want.OccurredAt = released[i].OccurredAt
		if diff := cmp.Diff(want, released[i]); diff != "" {
			t.Errorf("event %d (-want +got):\n%s", i, diff)
		}
	}
	if again := r.ReleaseEvents(); len(again) != 0 {
		t.Errorf("%d events were released twice", len(again))
	}
	if r.StoredVersion() != 6 {
		t.Errorf("once released, stored at %d, want 6", r.StoredVersion())
	}
}

func TestWhatWasSealedIsOpenedAgain(t *testing.T) {
	t.Parallel()
	now := time.Now()
	sealed, err := event.Seal(
		event.Recorded{Aggregate: "test.Stone", AggregateID: "one", AggregateVersion: 1, OccurredAt: now, Fact: moved{To: "the garden"}},
		event.Trail{CorrelationID: "conversation", CausationID: "request"})
	if err != nil {
		t.Fatal(err)
	}
	want := event.Envelope{
		ID: sealed.ID, Type: event.Type{Name: "test.Moved", Version: 2},
		Aggregate: "test.Stone", AggregateID: "one", AggregateVersion: 1, OccurredAt: now,
		CorrelationID: "conversation", CausationID: "request", Payload: json.RawMessage(`{"to":"the garden"}`),
	}
	if diff := cmp.Diff(want, sealed); diff != "" {
		t.Errorf("envelope (-want +got):\n%s", diff)
	}
	fact, err := event.Open[moved](sealed)
	if err != nil || fact != (moved{To: "the garden"}) {
		t.Errorf("opened %+v, %v", fact, err)
	}
}

func TestOpenRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]event.Envelope{
		"another type":    {Type: event.Type{Name: "test.Sank", Version: 2}, Payload: json.RawMessage(`{}`)},
		"another version": {Type: event.Type{Name: "test.Moved", Version: 1}, Payload: json.RawMessage(`{}`)},
		"another shape":   {Type: event.Type{Name: "test.Moved", Version: 2}, Payload: json.RawMessage(`{"to": 7}`)},
	} {
		if _, err := event.Open[moved](e); !errors.Is(err, event.ErrUndecodable) {
			t.Errorf("%s: got %v, want ErrUndecodable", name, err)
		}
	}
}

func TestIDsSortByTheTimeTheyWereMade(t *testing.T) {
	t.Parallel()
	last := event.NewID()
	for range 1000 {
		next := event.NewID()
		if next <= last {
			t.Fatalf("%s came after %s", next, last)
		}
		last = next
	}
}

func TestATrailTravelsInTheContext(t *testing.T) {
	t.Parallel()
	trail := event.Trail{CorrelationID: "conversation", CausationID: "request"}
	if got := event.TrailFrom(event.WithTrail(t.Context(), trail)); got != trail {
		t.Errorf("got %+v", got)
	}
	if got := event.TrailFrom(t.Context()); got != (event.Trail{}) {
		t.Errorf("a context without a trail has %+v", got)
	}
}

type moved struct {
	To string `json:"to"`
}

func (moved) EventType() event.Type { return event.Type{Name: "test.Moved", Version: 2} }
