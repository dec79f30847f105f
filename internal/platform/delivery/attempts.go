package delivery

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"tirage/internal/platform/database"
)

// attempt is one row of delivery_attempts.
type attempt struct {
	Task

	Number     int
	Outcome    Outcome
	StartedAt  time.Time
	FinishedAt time.Time
	Error      string
	Stack      string
}

// What an attempt keeps of an error is bounded, in bytes.
const (
	maxError = 2 << 10
	maxStack = 16 << 10
)

func (l *Ledger) recordAttempt(ctx context.Context, a attempt) error {
	err := l.db.Conn(ctx).Exec(`INSERT INTO delivery_attempts
		(event_id, handler, generation, attempt, outcome, worker, started_at, finished_at, error, stack)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.EventID, a.Handler, a.Generation, a.Number, string(a.Outcome), l.config.Worker,
		database.At(a.StartedAt), database.At(a.FinishedAt), cut(a.Error, maxError), cut(a.Stack, maxStack)).Error
	if err != nil {
		return fmt.Errorf("record attempt of %s: %w", a.ID, err)
	}
	return nil
}

// cut makes text storable: valid UTF-8 without NUL, of at most limit bytes.
func cut(text string, limit int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	if len(text) <= limit {
		return text
	}
	for !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
