package delivery_test

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"tirage/internal/platform/delivery"
)

// A proxy takes the connection before Redis is there, and drops it. The worker must not
// cling to that one.
func TestAConnectionThatIsDroppedAtOnceIsReplaced(t *testing.T) {
	t.Parallel()
	redis := miniredis.RunT(t)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // ends the proxy
	var up atomic.Bool
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			if !up.Load() {
				_ = from.Close()
				continue
			}
			to, err := net.Dial("tcp", redis.Addr())
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
			go func() { _, _ = io.Copy(from, to); _ = from.Close() }()
		}
	}()
	clients, err := delivery.OpenRedis(t.Context(), "redis://"+listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close() //nolint:errcheck // nothing is on its way
	time.AfterFunc(100*time.Millisecond, func() { up.Store(true) })
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second) // by itself it takes 20 s
	defer cancel()
	if err := clients.Worker.Ping(ctx).Err(); err != nil {
		t.Error(err)
	}
}
