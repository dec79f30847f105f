package delivery

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
)

// The crash points: where a process may be told to kill itself, as SHOP_CRASH_AT
// "point" or "point=handler". They work in the failure lab only.
const (
	crashAfterCommit         = "after-commit"          // the producer's; nothing is published yet
	crashAfterEnqueue        = "after-enqueue"         // a task is in Redis
	crashBeforeHandlerCommit = "before-handler-commit" // the handler ran, its effect is not committed
	crashAfterHandlerCommit  = "after-handler-commit"  // committed, and Asynq does not know
)

// CheckCrashAt reports what is wrong with a crash point's name.
func CheckCrashAt(crashAt string, failureLab bool) error {
	points := []string{crashAfterCommit, crashAfterEnqueue, crashBeforeHandlerCommit, crashAfterHandlerCommit}
	point, _, _ := strings.Cut(crashAt, "=")
	switch {
	case crashAt == "":
		return nil
	case !failureLab:
		return errors.New("needs SHOP_FAILURE_LAB")
	case !slices.Contains(points, point):
		return fmt.Errorf("no crash point %q; there are %s", point, strings.Join(points, ", "))
	}
	return nil
}

func (c Config) crashAt(point, handler string) {
	if !c.FailureLab || c.CrashAt == "" {
		return
	}
	wanted, only, _ := strings.Cut(c.CrashAt, "=")
	if wanted != point || (only != "" && only != handler) {
		return
	}
	// SIGKILL cannot be handled: no deferred function, no flush, no goodbye.
	if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
		os.Exit(137)
	}
	select {} // the signal is on its way
}

// ErrOnPurpose is what a failure switch makes a handler fail with.
var ErrOnPurpose = errors.New("failed on purpose, by a failure switch")

// Mode is how a failure switch makes a handler fail.
type Mode string

// The modes of a failure switch.
const (
	FailWithError    Mode = "error"
	FailPermanently  Mode = "permanent"
	FailByPanic      Mode = "panic"
	FailSlowly       Mode = "slow"         // takes slowness, then goes on
	FailAfterEffect  Mode = "after_effect" // the handler runs, then fails
	slowness              = 3 * time.Second
	noFailureSwitch  Mode = ""
	setFailureSwitch      = `INSERT INTO failure_switches (handler, mode, remaining) VALUES (?, ?, ?)
		ON CONFLICT (handler) DO UPDATE SET mode = excluded.mode, remaining = excluded.remaining`
)

// Lab makes handlers fail on purpose. The switches are in the database, so that they
// reach every process and survive a restart.
type Lab struct{ db *database.DB }

// NewLab returns the lab of db.
func NewLab(db *database.DB) *Lab { return &Lab{db: db} }

// Set makes handler fail the next times it is run; -1 is always, 0 is no more.
func (l *Lab) Set(ctx context.Context, handler string, mode Mode, times int) error {
	if err := l.db.Direct(ctx).Exec(setFailureSwitch, handler, string(mode), times).Error; err != nil {
		return fmt.Errorf("set failure switch of %s: %w", handler, err)
	}
	return nil
}

// take uses a handler's switch up once and returns its mode, if it is on.
func (l *Lab) take(ctx context.Context, handler string) (Mode, error) {
	var modes []Mode
	err := l.db.Direct(ctx).Raw(`UPDATE failure_switches
		SET remaining = CASE WHEN remaining > 0 THEN remaining - 1 ELSE remaining END
		WHERE handler = ? AND remaining <> 0 RETURNING mode`, handler).Scan(&modes).Error
	if err != nil || len(modes) == 0 {
		return noFailureSwitch, err
	}
	return modes[0], nil
}

// before acts out a mode before the handler runs.
func (m Mode) before(ctx context.Context) error {
	switch m {
	case FailWithError:
		return ErrOnPurpose
	case FailPermanently:
		return bus.Permanent(ErrOnPurpose)
	case FailByPanic:
		panic(ErrOnPurpose)
	case FailSlowly:
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(slowness):
		}
	case FailAfterEffect, noFailureSwitch:
	}
	return nil
}

// after acts out a mode once the handler ran, before its effect is committed.
func (m Mode) after() error {
	if m == FailAfterEffect {
		return ErrOnPurpose
	}
	return nil
}
