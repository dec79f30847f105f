package event

import "context"

// Trail is what a message inherits from the one before it.
type Trail struct {
	CorrelationID string
	CausationID   string
}

type trailKey struct{}

// WithTrail returns a context in which every event that is recorded carries t.
func WithTrail(ctx context.Context, t Trail) context.Context {
	return context.WithValue(ctx, trailKey{}, t)
}

// TrailFrom returns the trail of ctx, or the empty trail.
func TrailFrom(ctx context.Context) Trail {
	t, _ := ctx.Value(trailKey{}).(Trail)
	return t
}
