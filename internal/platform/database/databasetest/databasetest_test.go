package databasetest_test

import (
	"testing"

	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
)

func TestEachHasTheSchemaAndNoRows(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var events int64
		if err := db.Conn(t.Context()).Table("events").Count(&events).Error; err != nil {
			t.Fatal(err)
		}
		if events != 0 {
			t.Errorf("%d events in a new database", events)
		}
	})
}
