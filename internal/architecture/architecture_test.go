// Package architecture_test holds the rooms of the house to their import rules: a context
// is known to the others only by its root package, and frameworks stay at the edge. Start
// with mayImport, which is all of the rules.
package architecture_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module = "tirage/"

	standard       = "the standard library"
	thirdParty     = "a third party"
	root           = "a context's root"
	domain         = "domain"
	application    = "application"
	infrastructure = "infrastructure"
	platform       = "platform"
	migrations     = "migrations"
	program        = "the program"
	outside        = "a test from outside"
	nowhere        = "no room"
)

// place is where a package lives: its room and, if it belongs to one, its context.
type place struct{ room, context string }

func placeOf(pkg string) place {
	path, ours := strings.CutPrefix(pkg, module)
	parts := strings.Split(path, "/")
	switch {
	case !ours && strings.Contains(parts[0], "."):
		return place{room: thirdParty}
	case !ours:
		return place{room: standard}
	case path == "cmd/shop":
		return place{room: program}
	case path == "migrations":
		return place{room: migrations}
	case within(path, "e2e"), path == "internal/architecture":
		return place{room: outside}
	case within(path, "internal/platform"):
		return place{room: platform}
	case parts[0] == "internal" && len(parts) == 2:
		return place{room: root, context: parts[1]}
	case parts[0] == "internal" && len(parts) > 2 && slices.Contains([]string{domain, application, infrastructure}, parts[2]):
		return place{room: parts[2], context: parts[1]}
	}
	return place{room: nowhere}
}

// mayImport is the rules: whether pkg may import imported.
func mayImport(pkg, imported string) bool {
	from, to := placeOf(pkg), placeOf(imported)
	own := to.context == from.context
	switch from.room {
	case program, outside:
		return true
	case migrations:
		return to.room == standard
	case platform:
		switch to.room {
		case standard, platform:
			return true
		case thirdParty:
			return !isEcho(imported) || within(pkg, module+"internal/platform/web")
		case migrations:
			return within(pkg, module+"internal/platform/database")
		}
	case root:
		return to.room == standard || isVocabulary(imported)
	case domain:
		return to.room == standard || isVocabulary(imported) || own && (to.room == root || to.room == domain)
	case application:
		return to.room == standard || isVocabulary(imported) || imported == module+"internal/platform/bus" ||
			to.room == root || own && (to.room == domain || to.room == application)
	case infrastructure:
		return to.room == standard || to.room == thirdParty || to.room == platform || to.room == root || own
	}
	return false
}

// isVocabulary tells the two platform packages that a context's language is made of.
func isVocabulary(pkg string) bool {
	return pkg == module+"internal/platform/event" || pkg == module+"internal/platform/money"
}

func isEcho(pkg string) bool { return strings.HasPrefix(pkg, "github.com/labstack/echo") }

func within(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// violations names every import of pkg that the rules forbid, and pkg itself where the
// house has no room for it.
func violations(pkg string, imports []string) []string {
	from := placeOf(pkg)
	if from.room == nowhere {
		return []string{pkg + " is in no room of the house"}
	}
	var found []string
	for _, imported := range imports {
		if !mayImport(pkg, imported) {
			found = append(found, pkg+" ("+from.room+") may not import "+imported+" ("+placeOf(imported).room+")")
		}
	}
	return found
}

func TestHouseKeepsItsRules(t *testing.T) {
	t.Parallel()
	rooms := map[string]int{}
	for _, p := range packages(t) {
		rooms[placeOf(p.ImportPath).room]++
		for _, violation := range violations(p.ImportPath, p.Imports) {
			t.Error(violation)
		}
	}
	for _, room := range []string{root, domain, application, infrastructure, platform, migrations, program} {
		if rooms[room] == 0 {
			t.Errorf("saw no package of %s: this test looks in the wrong place", room)
		}
	}
}

func TestEveryContextHasItsRooms(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	contexts := 0
	for _, entry := range entries {
		if !entry.IsDir() || entry.Name() == "platform" || entry.Name() == "architecture" {
			continue
		}
		contexts++
		for _, room := range []string{domain, application, infrastructure} {
			if _, err := os.Stat(filepath.Join("..", entry.Name(), room)); err != nil {
				t.Errorf("context %s: %v", entry.Name(), err)
			}
		}
	}
	if contexts == 0 {
		t.Error("found no context: this test looks in the wrong place")
	}
}

// Each rule broken once, so that a test which can no longer fail is noticed.
func TestBrokenRulesAreSeen(t *testing.T) {
	t.Parallel()
	for _, broken := range []struct{ pkg, imported string }{
		{"internal/order", "github.com/google/uuid"},
		{"internal/order", "tirage/internal/stock"},
		{"internal/order", "tirage/internal/order/domain"},
		{"internal/order", "tirage/internal/platform/bus"},
		{"internal/order/domain", "gorm.io/gorm"},
		{"internal/order/domain", "tirage/internal/stock"},
		{"internal/order/domain", "tirage/internal/platform/bus"},
		{"internal/order/domain", "tirage/internal/order/application/command"},
		{"internal/order/domain", "tirage/internal/order/infrastructure/store"},
		{"internal/order/application/command", "github.com/google/uuid"},
		{"internal/order/application/command", "tirage/internal/order/infrastructure/store"},
		{"internal/order/application/command", "tirage/internal/stock/domain"},
		{"internal/order/application/command", "tirage/internal/stock/application/query"},
		{"internal/order/application/query", "tirage/internal/platform/database"},
		{"internal/order/application/eventhandler", "tirage/internal/platform/delivery"},
		{"internal/order/infrastructure/store", "tirage/internal/stock/domain"},
		{"internal/order/infrastructure/store", "tirage/internal/stock/application/query"},
		{"internal/order/infrastructure/store", "tirage/internal/stock/infrastructure/store"},
		{"internal/order/infrastructure/store", "tirage/migrations"},
		{"internal/order/infrastructure/api", "tirage/cmd/shop"},
		{"internal/platform/delivery", "tirage/internal/order"},
		{"internal/platform/delivery", "tirage/internal/order/domain"},
		{"internal/platform/delivery", "tirage/migrations"},
		{"internal/platform/delivery", "tirage/cmd/shop"},
		{"internal/platform/ops", "github.com/labstack/echo/v4"},
		{"internal/order/domain", "github.com/labstack/echo/v4"},
		{"internal/order/application/query", "github.com/labstack/echo/v4"},
		{"migrations", "tirage/internal/platform/database"},
	} {
		if len(violations(module+broken.pkg, []string{broken.imported})) != 1 {
			t.Errorf("%s may import %s, and should not", broken.pkg, broken.imported)
		}
	}
	for _, misplaced := range []string{"common", "cmd/other", "internal/order/ports", "internal"} {
		if len(violations(module+misplaced, nil)) != 1 {
			t.Errorf("there is a room for %s, and should not be", misplaced)
		}
	}
}

func TestRightImportsAreAllowed(t *testing.T) {
	t.Parallel()
	for _, right := range []struct{ pkg, imported string }{
		{"internal/order", "time"},
		{"internal/order", "tirage/internal/platform/event"},
		{"internal/order", "tirage/internal/platform/money"},
		{"internal/order/domain", "errors"},
		{"internal/order/domain", "tirage/internal/order"},
		{"internal/order/domain", "tirage/internal/platform/event"},
		{"internal/order/application/command", "tirage/internal/order/domain"},
		{"internal/order/application/command", "tirage/internal/platform/bus"},
		{"internal/order/application/command", "tirage/internal/platform/money"},
		{"internal/order/application/eventhandler", "tirage/internal/stock"},
		{"internal/order/infrastructure/store", "gorm.io/gorm"},
		{"internal/order/infrastructure/api", "github.com/labstack/echo/v4"},
		{"internal/order/infrastructure/api", "tirage/internal/order/application/query"},
		{"internal/order/infrastructure/api", "tirage/internal/platform/web"},
		{"internal/order/infrastructure/api", "tirage/internal/stock"},
		{"internal/platform/web", "github.com/labstack/echo/v4"},
		{"internal/platform/database", "tirage/migrations"},
		{"internal/platform/delivery", "github.com/hibiken/asynq"},
		{"cmd/shop", "github.com/labstack/echo/v4"},
		{"cmd/shop", "tirage/migrations"},
		{"cmd/shop", "tirage/internal/order/infrastructure/store"},
		{"e2e", "github.com/redis/go-redis/v9"},
		{"migrations", "embed"},
	} {
		if found := violations(module+right.pkg, []string{right.imported}); len(found) != 0 {
			t.Error(found[0])
		}
	}
}

type goPackage struct {
	ImportPath string
	Imports    []string // what the package itself imports; its tests may see more
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...")
	list.Dir = filepath.Join("..", "..")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("read the answer of go list: %v", err)
		}
		all = append(all, p)
	}
}
