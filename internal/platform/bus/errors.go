package bus

import (
	"errors"
	"fmt"
	"time"
)

// Permanent marks an error that no retry can heal: the delivery is dead at once.
// (Symfony Messenger calls it unrecoverable.)
func Permanent(err error) error { return &permanent{err} }

// IsPermanent reports whether err, or one it wraps, was marked by Permanent.
func IsPermanent(err error) bool {
	_, ok := errors.AsType[*permanent](err)
	return ok
}

type permanent struct{ error }

func (p *permanent) Unwrap() error { return p.error }

// NotYet is returned by an event handler whose time has not come: it is run again
// after the given time, and this run does not count as an attempt.
func NotYet(after time.Duration, reason string) error {
	return &Postponed{After: after, reason: reason}
}

// Postponed is the error that NotYet returns.
type Postponed struct {
	After  time.Duration
	reason string
}

func (p *Postponed) Error() string { return fmt.Sprintf("not yet, again in %s: %s", p.After, p.reason) }
