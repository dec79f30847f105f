package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// `shop migrate` may be run as often as one likes, and by several at once: each ends well,
// and the catalogue is there once.
func TestMigrateTwiceAndFiveAtOnce(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b backend) {
		outputs := make([]output, 6)
		var replicas sync.WaitGroup
		for i := range 5 {
			replicas.Go(func() { outputs[i] = run(t, b.env, "migrate") })
		}
		replicas.Wait()
		outputs[5] = run(t, b.env, "migrate")
		for _, o := range outputs {
			if o.status != 0 || !strings.Contains(o.stdout, "up to date") {
				t.Errorf("shop migrate: %s", o)
			}
		}
		brought := 0
		for _, o := range outputs {
			brought += strings.Count(o.stderr, "schema brought up to date")
		}
		if brought != 1 {
			t.Errorf("%d of them brought the schema up to date", brought)
		}
		s := openShop(t, b)
		if prints := s.count(`SELECT COUNT(*) FROM prints`); prints < 24 {
			t.Errorf("%d prints", prints)
		}
		s.awaitStatus(s.order("TIDE-01-M", 1, cardApproved), "confirmed")
		if o := s.command("migrate"); o.status != 0 { // beside a shop that runs
			t.Errorf("shop migrate: %s", o)
		}
		if o := s.offer("TIDE-01-M"); o.Available != 49 {
			t.Errorf("migrating again changed the stock: %d of 50 are left, one is sold", o.Available)
		}
	})
}

// What is wrong with the configuration is told at once, by the variable's name, without
// the secret that it may hold.
func TestAMistakeInTheConfigurationNamesItsVariable(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	for _, mistake := range []struct{ variable, value, more string }{
		{variable: "SHOP_ADDR", value: "nonsense"},
		{variable: "SHOP_ADDR", value: "127.0.0.1:99999"},
		{variable: "SHOP_ADDR", value: "127.0.0.1:http-but-not-quite"},
		{variable: "SHOP_BASE_URL", value: "shop.example.com"},
		{variable: "SHOP_BASE_URL", value: "ftp://shop.example.com"},
		{variable: "SHOP_DATABASE_URL", value: "mysql://root:" + secret + "@localhost/shop", more: "SHOP_REDIS_URL=redis://localhost"},
		{variable: "SHOP_DATABASE_URL", value: "postgres://shop:" + secret + "@localhost:port/shop", more: "SHOP_REDIS_URL=redis://localhost"},
		{variable: "SHOP_DATABASE_URL", value: "postgres://shop:" + secret + "@localhost/shop?sslmode=perhaps", more: "SHOP_REDIS_URL=redis://localhost"},
		{variable: "SHOP_DATABASE_URL", value: "", more: "SHOP_REDIS_URL=redis://localhost"},
		{variable: "SHOP_REDIS_URL", value: "http://:" + secret + "@localhost", more: "SHOP_DATABASE_URL=postgres://localhost/shop"},
		{variable: "SHOP_REDIS_URL", value: "redis://:" + secret + "@localhost/notanumber", more: "SHOP_DATABASE_URL=postgres://localhost/shop"},
		{variable: "SHOP_REDIS_URL", value: "", more: "SHOP_DATABASE_URL=postgres://localhost/shop"},
		{variable: "SHOP_SECRET", value: "short"},
		{variable: "SHOP_SMTP_URL", value: "http://user:" + secret + "@localhost"},
		{variable: "SHOP_PAYMENT_WINDOW", value: "soon"},
		{variable: "SHOP_PAYMENT_WINDOW", value: "-1m"},
		{variable: "SHOP_RECONCILE_EVERY", value: "0s"},
		{variable: "SHOP_LOG_FORMAT", value: "yaml"},
		{variable: "SHOP_LOG_LEVEL", value: "loud"},
		{variable: "SHOP_FAILURE_LAB", value: "perhaps"},
		{variable: "SHOP_CRASH_AT", value: "nowhere", more: "SHOP_FAILURE_LAB=1"},
		{variable: "SHOP_CRASH_AT", value: "after-commit"}, // in the failure lab only
	} {
		t.Run(mistake.variable+"="+mistake.value, func(t *testing.T) {
			t.Parallel()
			env := environment{"SHOP_ADDR": "127.0.0.1:0"}.with(mistake.variable + "=" + mistake.value)
			if mistake.more != "" {
				env = env.with(mistake.more)
			}
			o := run(t, env)
			if o.status == 0 || !strings.Contains(o.stderr, mistake.variable) {
				t.Errorf("want the variable named, have %s", o)
			}
			if strings.Count(o.stderr, "\n") != 1 {
				t.Errorf("want one line, have %s", o)
			}
			if strings.Contains(o.stderr+o.stdout, secret) {
				t.Errorf("a secret is printed: %s", o)
			}
		})
	}
}

// Two shops on one port: the second says so and leaves the first alone.
func TestAPortThatIsTakenNamesItsVariable(t *testing.T) {
	t.Parallel()
	s := openShop(t, embedded(t))
	o := run(t, environment{"SHOP_ADDR": strings.TrimPrefix(s.url, "http://"), "SHOP_DATA_DIR": t.TempDir()})
	if o.status == 0 || !strings.Contains(o.stderr, "SHOP_ADDR") {
		t.Errorf("a second shop: %s", o)
	}
	s.awaitStatus(s.order("TIDE-01-M", 1, cardApproved), "confirmed")
}

// A server that is not there is told in one line, without the password.
func TestAServerThatIsAwayAtTheStart(t *testing.T) {
	t.Parallel()
	o := run(t, containers("postgres://shop:hunter2@127.0.0.1:1/shop", "redis://127.0.0.1:1").env.with("SHOP_ADDR=127.0.0.1:0"))
	if o.status != 1 || strings.Contains(o.stderr, "hunter2") || !strings.Contains(o.stderr, "connect to PostgreSQL") {
		t.Errorf("without PostgreSQL: %s", o)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if o := run(t, environment{"SHOP_ADDR": "127.0.0.1:0", "SHOP_DATA_DIR": file}); o.status != 1 || !strings.Contains(o.stderr, "SHOP_DATA_DIR") {
		t.Errorf("with a data directory that is a file: %s", o)
	}
}

// The embedded default is one process: what would need several says so.
func TestTheEmbeddedDefaultRunsInOneProcess(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"web", "worker"} {
		o := run(t, environment{"SHOP_DATA_DIR": t.TempDir()}, command)
		if o.status != 2 || !strings.Contains(o.stderr, "SHOP_DATABASE_URL") || !strings.Contains(o.stderr, "SHOP_REDIS_URL") {
			t.Errorf("shop %s: %s", command, o)
		}
	}
	for _, command := range [][]string{{"failed", "list"}, {"queue", "stats"}} {
		o := run(t, environment{"SHOP_DATA_DIR": t.TempDir()}, command...)
		if o.status != 1 || !strings.Contains(o.stderr, "SHOP_DATA_DIR") {
			t.Errorf("shop %s where none has run: %s", strings.Join(command, " "), o)
		}
	}
}

// On servers too, `shop` alone is everything in one process.
func TestOneProcessOnServers(t *testing.T) {
	t.Parallel()
	p := begin(t, shared(t).env.with("SHOP_ADDR=127.0.0.1:0"))
	t.Cleanup(func() { p.finish(t) })
	url := p.awaitReady(t)
	if o := run(t, environment{}, "order", "--url", url, "--wait", patience.String()); o.status != 0 {
		t.Errorf("shop order: %s", o)
	}
	p.terminate()
	if status := p.awaitEnd(t); status != 0 {
		t.Errorf("it ended with status %d", status)
	}
}
