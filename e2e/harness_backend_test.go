package e2e_test

import (
	"testing"

	"tirage/internal/platform/database/databasetest"
	"tirage/internal/platform/delivery/redistest"
)

// backend is where one test's shop keeps what it knows.
type backend struct {
	// embedded: everything in one process, SQLite and a Redis of its own. Otherwise
	// PostgreSQL and Redis in containers, and `shop web` beside `shop worker`.
	embedded bool
	env      environment // what tells the program so
}

// backends runs test on both backends, as parallel sub-tests "embedded" and "containers",
// each with a new database and an empty Redis. Without Docker the second is skipped; see
// containertest.SkipOrFail.
func backends(t *testing.T, test func(t *testing.T, b backend)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		test(t, embedded(t))
	})
	t.Run("containers", func(t *testing.T) {
		t.Parallel()
		test(t, shared(t))
	})
}

// embedded is the embedded default, in a directory of the test's own.
func embedded(t *testing.T) backend {
	t.Helper()
	return backend{embedded: true, env: environment{"SHOP_DATA_DIR": t.TempDir()}}
}

// shared is a database and a Redis of the test's own, in containers that all tests
// share.
func shared(t *testing.T) backend {
	t.Helper()
	return containers(databasetest.PostgresURL(t), redistest.URL(t))
}

// containers is the backend at two URLs. A test that stops, empties or restarts one of them
// starts containers of its own, by databasetest.StartPostgres and redistest.Start.
func containers(databaseURL, redisURL string) backend {
	return backend{env: environment{
		"SHOP_DATABASE_URL": databaseURL, "SHOP_REDIS_URL": redisURL, "SHOP_SECRET": "the same in every process of a test",
	}}
}
