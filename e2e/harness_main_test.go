// Package e2e_test drives the real program from outside: over HTTP, by its commands and by
// signals, and then reads in the database and in Redis what became of it.
//
// A test looks like this:
//
//	backends(t, func(t *testing.T, b backend) {
//		s := openShop(t, b)
//		placed := s.order("TIDE-01-M", 1, cardApproved)
//		s.awaitStatus(placed, "confirmed")
//	})
//
// Start with openShop in harness_shop_test.go. Whatever a test does, openShop ends it with
// the invariants of invariants_test.go.
package e2e_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// binary is the path of the program. TestMain builds it.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "tirage-e2e-")
	if err == nil {
		binary = filepath.Join(dir, "shop")
		err = build(binary)
	}
	if err == nil {
		err = sideBySide()
	}
	code := 1
	if err == nil {
		code = m.Run()
	}
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func build(path string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute) // the first build compiles SQLite
	defer cancel()
	if said, err := exec.CommandContext(ctx, "go", "build", "-o", path, "tirage/cmd/shop").CombinedOutput(); err != nil {
		return fmt.Errorf("build the program: %w\n%s", err, said)
	}
	return nil
}

// sideBySide runs more tests at once than there are processors, unless the command line
// says how many: most of the time, these tests wait.
func sideBySide() error {
	flag.Parse()
	parallel := flag.Lookup("test.parallel")
	if parallel.Value.String() != parallel.DefValue {
		return nil
	}
	return parallel.Value.Set("6")
}

// patience is how long a test waits for what it expects. It is generous, for nothing here
// measures speed.
const patience = 60 * time.Second

// errNotYet is for a probe that has nothing more to say.
var errNotYet = errors.New("not yet")

// await tries probe until it returns nil, and ends the test with its last error when it
// does not in time.
func await(t testing.TB, what string, probe func() error) {
	t.Helper()
	awaitFor(t, patience, what, probe)
}

// awaitFor is await with a patience of its own.
func awaitFor(t testing.TB, atMost time.Duration, what string, probe func() error) {
	t.Helper()
	deadline := time.After(atMost)
	ticker := time.NewTicker(25 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := probe()
		if err == nil {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("waited %s for %s: %v", atMost, what, err)
		case <-ticker.C:
		}
	}
}
