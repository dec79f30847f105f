package e2e_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"tirage/internal/platform/database"
	"tirage/internal/platform/delivery"
)

// shop is a shop that runs, and all that a test does to it.
type shop struct {
	backend
	t   testing.TB
	url string // where it listens; another one after each start

	web, worker *process   // the same one on the embedded backend
	launched    []*process // these, and those before them
	db          *database.DB
	broker      *delivery.Redis // opened by redis
	brokerURL   string

	lawless string // why the invariants are not checked at the end
}

const staffToken = "staff-token"

// openShop opens a shop on a backend, with "NAME=value" in addition to the backend's own
// settings: one process on the embedded backend, web and worker on containers. The failure
// lab is open. When the test ends the invariants are checked, with a shop that runs: one
// that was killed or stopped is started again. Then it must close by SIGTERM with status 0.
func openShop(t testing.TB, b backend, settings ...string) *shop {
	t.Helper()
	s := &shop{backend: b, t: t}
	s.env = b.env.with("SHOP_ADDR=127.0.0.1:0", "SHOP_STAFF_TOKEN="+staffToken, "SHOP_FAILURE_LAB=1").with(settings...)
	t.Cleanup(s.close)
	s.start()
	s.openDatabase()
	t.Cleanup(func() { // the first to run, while all the rest is still there
		if t.Failed() {
			return
		}
		if s.web.ended() || s.worker.ended() {
			s.kill()
			s.start()
		}
		if s.lawless == "" {
			s.checkInvariants()
		} else {
			t.Log("invariants not checked: " + s.lawless)
		}
		s.stop()
	})
	return s
}

// close gives back all that the shop took.
func (s *shop) close() {
	for _, p := range s.launched {
		p.finish(s.t)
	}
	var errs []error
	if s.broker != nil {
		errs = append(errs, s.broker.Close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if err := errors.Join(errs...); err != nil {
		s.t.Error(err)
	}
}

// start starts the shop's processes, after kill or stop, and waits until they are ready.
// settings are in addition to the shop's own, and hold for these processes only.
func (s *shop) start(settings ...string) {
	s.t.Helper()
	env := s.env.with(settings...)
	if s.embedded {
		s.web = begin(s.t, env)
		s.worker = s.web
		s.launched = append(s.launched, s.web)
		s.url = s.web.awaitReady(s.t)
		return
	}
	s.web, s.worker = begin(s.t, env, "web"), begin(s.t, env, "worker")
	s.launched = append(s.launched, s.web, s.worker)
	s.url = s.web.awaitReady(s.t)
	s.worker.awaitReady(s.t)
}

// kill ends all processes of the shop by SIGKILL.
func (s *shop) kill() {
	s.web.kill()
	s.worker.kill()
}

// stop ends all processes of the shop by SIGTERM. They must end with status 0.
func (s *shop) stop() {
	s.t.Helper()
	s.web.terminate()
	s.worker.terminate()
	for _, p := range []*process{s.web, s.worker} {
		if status := p.awaitEnd(s.t); status != 0 {
			s.t.Errorf("%s ended with status %d", p.name, status)
		}
	}
}

// openDatabase opens the shop's database beside it. Read by s.db.Conn(ctx); only a test of
// damage writes.
func (s *shop) openDatabase() {
	s.t.Helper()
	open := func() (*database.DB, error) {
		if s.embedded {
			return database.OpenSQLite(s.t.Context(), filepath.Join(s.env["SHOP_DATA_DIR"], "shop.db"))
		}
		return database.OpenPostgres(s.t.Context(), s.env["SHOP_DATABASE_URL"])
	}
	db, err := open()
	if err != nil {
		s.t.Fatal(err)
	}
	s.db = db
}

// redis is a client of the shop's Redis. An embedded one is another after each start.
func (s *shop) redis() redis.UniversalClient {
	s.t.Helper()
	url := s.env["SHOP_REDIS_URL"]
	if s.embedded {
		var err error
		if url, err = delivery.EmbeddedRedisURL(s.env["SHOP_DATA_DIR"]); err != nil {
			s.t.Fatal(err)
		}
	}
	if s.broker != nil && s.brokerURL == url {
		return s.broker.Publisher
	}
	broker, err := delivery.OpenRedis(context.Background(), url)
	if err != nil {
		s.t.Fatal(err)
	}
	if s.broker != nil {
		_ = s.broker.Close() // its server is gone
	}
	s.broker, s.brokerURL = broker, url
	return broker.Publisher
}

// inspector is Asynq's own view of the shop's queues.
func (s *shop) inspector() *asynq.Inspector {
	s.t.Helper()
	return asynq.NewInspectorFromRedisClient(s.redis())
}

// command runs one of the program's commands beside the shop, with the shop's settings.
func (s *shop) command(arguments ...string) output {
	s.t.Helper()
	return run(s.t, s.env.with("SHOP_URL="+s.url), arguments...)
}
