package database

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Time is a moment stored as microseconds since 1970 UTC in a BIGINT. Both databases
// order and compare it alike, which SQLite's textual times do not.
type Time struct{ time.Time }

// At wraps t for storing, cut to the microsecond that a column holds.
func At(t time.Time) Time { return Time{t.UTC().Truncate(time.Microsecond)} }

func nowUTC() time.Time { return time.Now().UTC() }

// Value implements driver.Valuer. The zero time is stored as NULL.
func (t Time) Value() (driver.Value, error) {
	if t.IsZero() {
		return nil, nil
	}
	return t.UnixMicro(), nil
}

// Scan implements sql.Scanner. NULL becomes the zero time.
func (t *Time) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		t.Time = time.Time{}
	case int64:
		t.Time = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("database.Time: cannot read %T", value)
	}
	return nil
}

// GormDataType tells GORM that the column is an integer.
func (Time) GormDataType() string { return "bigint" }
