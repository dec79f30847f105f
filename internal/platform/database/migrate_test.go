package database_test

import (
	"sync"
	"testing"
	"testing/fstest"

	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
	"tirage/migrations"
)

// Replicas start together, and the schema is made once.
func TestMigrateRunBySeveralAtOnceAppliesEachStepOnce(t *testing.T) {
	t.Parallel()
	databasetest.EachEmpty(t, func(t *testing.T, open func() *database.DB) {
		const replicas = 5
		var (
			running sync.WaitGroup
			applied = make(chan int, replicas)
		)
		for range replicas {
			db := open()
			running.Go(func() {
				n, err := db.Migrate(t.Context(), migrations.Files)
				if err != nil {
					t.Error(err)
				}
				applied <- n
			})
		}
		running.Wait()
		close(applied)
		total := 0
		for n := range applied {
			total += n
		}
		steps, err := migrations.Files.ReadDir(string(open().Dialect))
		if err != nil || total != len(steps) {
			t.Errorf("%d steps were applied by all together, want %d (%v)", total, len(steps), err)
		}
	})
}

func TestMigrateAgainAppliesNothing(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		applied, err := db.Migrate(t.Context(), migrations.Files)
		if err != nil || applied != 0 {
			t.Errorf("applied %d, %v, want 0", applied, err)
		}
	})
}

func TestMigrateReportsAStepThatFails(t *testing.T) {
	t.Parallel()
	databasetest.EachEmpty(t, func(t *testing.T, open func() *database.DB) {
		db := open()
		files := fstest.MapFS{string(db.Dialect) + "/00001_wrong.sql": {Data: []byte("-- +goose Up\nCREATE TABBLE wrong (id TEXT);\n")}}
		if _, err := db.Migrate(t.Context(), files); err == nil {
			t.Error("a wrong migration went well")
		}
	})
}
