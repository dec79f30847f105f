package database_test

import (
	"testing"

	"gorm.io/gorm"

	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
)

func TestASnapshotSeesOneMoment(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		count := func(conn *gorm.DB) (n int) {
			t.Helper()
			if err := conn.Raw("SELECT COUNT(*) FROM series").Scan(&n).Error; err != nil {
				t.Fatal(err)
			}
			return n
		}
		add := func(id string) {
			t.Helper()
			if err := db.Direct(t.Context()).Exec("INSERT INTO series (id, title, about) VALUES (?, ?, ?)", id, id, id).Error; err != nil {
				t.Fatal(err)
			}
		}
		add("one")
		err := db.Snapshot(t.Context(), func(tx *gorm.DB) error {
			before := count(tx)
			add("two")
			if after := count(tx); before != 1 || after != 1 {
				t.Errorf("%d rows, then %d", before, after)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := count(db.Conn(t.Context())); n != 2 {
			t.Errorf("%d rows after the snapshot", n)
		}
	})
}
