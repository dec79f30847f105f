package event

import "time"

// Recorded is a fact with the place it has in its aggregate's history.
type Recorded struct {
	Aggregate        string // the kind of aggregate, "context.Aggregate"
	AggregateID      string
	AggregateVersion int
	OccurredAt       time.Time
	Fact             Fact
}

// Recorder is embedded by every aggregate. The aggregate's own methods Record what
// happened; the repository that saves it releases the events into the unit of work.
// Each event raises the aggregate's version by one, so no state change is stored
// without an event and no event without a state change.
type Recorder struct {
	kind     string
	id       string
	version  int
	recorded []Recorded
}

// Recall returns the recorder of an aggregate of a kind ("order.Order") that has been
// stored at a version; version 0 is an aggregate that was never stored.
func Recall(kind, id string, version int) Recorder {
	return Recorder{kind: kind, id: id, version: version}
}

// Record notes that fact happened to the aggregate now.
func (r *Recorder) Record(fact Fact) {
	r.version++
	r.recorded = append(r.recorded, Recorded{
		Aggregate:        r.kind,
		AggregateID:      r.id,
		AggregateVersion: r.version,
		OccurredAt:       time.Now().UTC(),
		Fact:             fact,
	})
}

// Version is the version the aggregate has once what it recorded is stored.
func (r *Recorder) Version() int { return r.version }

// StoredVersion is the version the aggregate had when it was loaded or last saved.
// A repository saves on the condition that the row still has it.
func (r *Recorder) StoredVersion() int { return r.version - len(r.recorded) }

// Recorded lists the events that were not released yet.
func (r *Recorder) Recorded() []Recorded { return r.recorded }

// ReleaseEvents hands over the recorded events, once.
func (r *Recorder) ReleaseEvents() []Recorded {
	released := r.recorded
	r.recorded = nil
	return released
}
