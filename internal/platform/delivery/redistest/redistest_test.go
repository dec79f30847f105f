package redistest_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"tirage/internal/platform/delivery/redistest"
)

func TestEveryTestHasItsOwnEmptyDatabase(t *testing.T) {
	t.Parallel()
	one, two := connect(t, redistest.URL(t)), connect(t, redistest.URL(t))
	if err := one.Set(t.Context(), "key", "value", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if found := two.Exists(t.Context(), "key").Val(); found != 0 {
		t.Error("a key of one database is seen in another")
	}
}

func connect(t *testing.T, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}
