package database_test

import (
	"testing"

	"gorm.io/gorm"

	"tirage/internal/platform/database"
)

// makeNotes makes the tables that these tests write to. What a footnote refers to is
// checked at COMMIT, and not before.
func makeNotes(t *testing.T, db *database.DB) {
	t.Helper()
	for _, statement := range []string{
		"CREATE TABLE notes (id TEXT PRIMARY KEY, version INT NOT NULL DEFAULT 0)",
		"CREATE TABLE footnotes (note TEXT REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)",
	} {
		if err := db.Direct(t.Context()).Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
}

func addNote(t *testing.T, tx *gorm.DB, id string) {
	t.Helper()
	if err := tx.Exec("INSERT INTO notes (id) VALUES (?)", id).Error; err != nil {
		t.Error(err)
	}
}

// notes lists what is committed, as a connection of its own sees it.
func notes(t *testing.T, db *database.DB) []string {
	t.Helper()
	var ids []string
	if err := db.Conn(t.Context()).Raw("SELECT id FROM notes ORDER BY id").Scan(&ids).Error; err != nil {
		t.Error(err)
	}
	return ids
}
