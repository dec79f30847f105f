package delivery

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// EmbeddedRedis is a Redis inside this process, for development. It forgets everything
// when the process ends, which the reconciler makes invisible.
type EmbeddedRedis struct {
	*Redis

	server  *miniredis.Miniredis
	address string // the file that tells other commands where it listens
	stop    context.CancelFunc
}

// addressFile is where, in the data directory, the address of a running embedded Redis
// is written.
const addressFile = "redis.url"

// StartEmbeddedRedis starts a Redis on a free loopback port and writes its URL into
// dataDir for commands that run beside it.
func StartEmbeddedRedis(ctx context.Context, dataDir string) (*EmbeddedRedis, error) {
	server := miniredis.NewMiniRedis()
	if err := server.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start embedded Redis: %w", err)
	}
	redisURL := "redis://" + server.Addr()
	clients, err := OpenRedis(ctx, redisURL)
	if err != nil {
		server.Close()
		return nil, err
	}
	address := filepath.Join(dataDir, addressFile)
	if err := os.WriteFile(address, []byte(redisURL+"\n"), 0o600); err != nil {
		server.Close()
		return nil, errors.Join(fmt.Errorf("start embedded Redis: %w", err), clients.Close())
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	go keepTime(ctx, server)
	return &EmbeddedRedis{Redis: clients, server: server, address: address, stop: stop}, nil
}

// keepTime makes keys expire: time stands still in miniredis unless it is told.
func keepTime(ctx context.Context, server *miniredis.Miniredis) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			server.FastForward(time.Second)
		}
	}
}

// Close ends the server and its clients.
func (r *EmbeddedRedis) Close() error {
	r.stop()
	err := errors.Join(os.Remove(r.address), r.Redis.Close())
	r.server.Close()
	return err
}

// EmbeddedRedisURL tells where the embedded Redis of the shop that runs on dataDir
// listens. It fails with os.ErrNotExist when none runs.
func EmbeddedRedisURL(dataDir string) (string, error) {
	content, err := os.ReadFile(filepath.Join(dataDir, addressFile)) //nolint:gosec // the operator's own directory
	if err != nil {
		return "", fmt.Errorf("find the embedded Redis: %w", err)
	}
	return string(content[:len(content)-1]), nil
}
