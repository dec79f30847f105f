// Package event says what a domain event is: a small, immutable fact in the past
// tense that an aggregate records and that other contexts may hear of.
//
// Start with Fact (what a context declares), then Recorder (how an aggregate
// records facts), then Envelope (what is stored and delivered).
package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Type is the stable identity of a kind of event. Name is "context.EventName" and
// never changes once published; Version counts the shapes of its payload from 1.
type Type struct {
	Name    string
	Version int
}

// Fact is a domain event as a context's root package declares it: a struct of
// identifiers and bare facts, never an entity and never personal data.
type Fact interface {
	EventType() Type
}

// Envelope is a fact with all that is known about it. It is what the events table
// stores and what a handler is given.
type Envelope struct {
	ID               string // UUIDv7, so ids sort by the time they were made
	Type             Type
	Aggregate        string
	AggregateID      string
	AggregateVersion int // counts the aggregate's events from 1, without gaps
	OccurredAt       time.Time
	CorrelationID    string // shared by everything that one business conversation caused
	CausationID      string // the event or request that directly caused this one
	Payload          json.RawMessage
}

// ErrUndecodable marks a stored event that this program cannot read.
var ErrUndecodable = errors.New("event cannot be decoded")

// Seal puts a recorded fact into an envelope, under a new id and with the trail
// of whatever caused it.
func Seal(r Recorded, t Trail) (Envelope, error) {
	payload, err := json.Marshal(r.Fact)
	if err != nil {
		return Envelope{}, fmt.Errorf("encode %s: %w", r.Fact.EventType().Name, err)
	}
	return Envelope{
		ID:               NewID(),
		Type:             r.Fact.EventType(),
		Aggregate:        r.Aggregate,
		AggregateID:      r.AggregateID,
		AggregateVersion: r.AggregateVersion,
		OccurredAt:       r.OccurredAt,
		CorrelationID:    t.CorrelationID,
		CausationID:      t.CausationID,
		Payload:          payload,
	}, nil
}

// Open reads the fact out of an envelope. It fails with ErrUndecodable when the
// envelope holds another type or version, or a payload of another shape.
func Open[E Fact](e Envelope) (E, error) {
	var fact E
	if want := fact.EventType(); want != e.Type {
		return fact, fmt.Errorf("%w: event %s is %v, not %v", ErrUndecodable, e.ID, e.Type, want)
	}
	if err := json.Unmarshal(e.Payload, &fact); err != nil {
		return fact, fmt.Errorf("%w: event %s: %w", ErrUndecodable, e.ID, err)
	}
	return fact, nil
}

// NewID returns a fresh UUIDv7 (RFC 9562): unique, and sorted by time of creation.
func NewID() string {
	return uuid.Must(uuid.NewV7()).String()
}
