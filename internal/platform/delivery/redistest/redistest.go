// Package redistest gives tests a real Redis, in a container. Start with URL.
package redistest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/testcontainers/testcontainers-go"

	"tirage/internal/platform/containertest"
)

// databases is how many logical databases the container has, and so how many tests can
// use it at once.
const databases = 512

// Start runs a Redis container that keeps nothing on disk and returns the URL of its
// first logical database. The image is that of SHOP_E2E_REDIS_IMAGE, or the official one.
// It fails with containertest.ErrUnavailable where there is no Docker Engine or no image.
func Start(ctx context.Context) (url string, container testcontainers.Container, err error) {
	ping := func(ctx context.Context, address string) error {
		return do(redisURL(address), func(client *redis.Client) error { return client.Ping(ctx).Err() })
	}
	container, address, err := containertest.Start(ctx,
		containertest.Image("SHOP_E2E_REDIS_IMAGE", "redis:7-alpine"), "6379/tcp", ping,
		testcontainers.WithCmd("redis-server", "--databases", fmt.Sprint(databases), "--appendonly", "no"),
	)
	if err != nil {
		return "", nil, fmt.Errorf("start Redis: %w", err)
	}
	return redisURL(address), container, nil
}

// server is the one Redis container of this process, and the numbers of its logical
// databases that no test uses now.
type server struct {
	url  string
	free chan int
}

var started = sync.OnceValues(func() (*server, error) {
	url, _, err := Start(context.Background())
	if err != nil {
		return nil, err
	}
	s := &server{url: url, free: make(chan int, databases)}
	for number := range databases {
		s.free <- number
	}
	return s, nil
})

// URL returns the redis:// URL of an empty logical database that is t's own until it
// ends. Publish and subscribe know no logical databases: their channels are shared.
// Without Docker, t is skipped; see containertest.SkipOrFail.
func URL(t testing.TB) string {
	t.Helper()
	s, err := started()
	if err != nil {
		containertest.SkipOrFail(t, err)
	}
	number := <-s.free
	t.Cleanup(func() { s.free <- number })
	url := fmt.Sprintf("%s/%d", s.url, number)
	flush := func(client *redis.Client) error { return client.FlushDB(t.Context()).Err() }
	if err := do(url, flush); err != nil {
		t.Fatal(err)
	}
	return url
}

// do runs fn with a client of its own.
func do(url string, fn func(*redis.Client) error) error {
	options, err := redis.ParseURL(url)
	if err != nil {
		return err
	}
	client := redis.NewClient(options)
	return errors.Join(fn(client), client.Close())
}

func redisURL(address string) string { return "redis://" + address }
