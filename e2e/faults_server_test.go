package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"testing"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"

	"tirage/internal/platform/containertest"
	"tirage/internal/platform/database/databasetest"
	"tirage/internal/platform/delivery/redistest"
)

// server is a PostgreSQL or a Redis of a test's own, in a container that it may kill and
// start again. A container has another port after each start, so it is reached through a
// relay, which has one port for the whole test.
type server struct {
	t         testing.TB
	container testcontainers.Container
	port      string // inside the container, "6379/tcp"
	relay     *relay
	url       string // through the relay
}

func ownRedis(t testing.TB) *server {
	t.Helper()
	address, container, err := redistest.Start(t.Context())
	return newServer(t, address, container, "6379/tcp", err)
}

func ownPostgres(t testing.TB) *server {
	t.Helper()
	address, container, err := databasetest.StartPostgres(t.Context())
	return newServer(t, address, container, "5432/tcp", err)
}

func newServer(t testing.TB, address string, container testcontainers.Container, port string, err error) *server {
	t.Helper()
	if err != nil {
		containertest.SkipOrFail(t, err)
	}
	s := &server{t: t, container: container, port: port}
	t.Cleanup(func() {
		if err := testcontainers.TerminateContainer(container); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	s.relay = newRelay(t, u.Host)
	u.Host = s.relay.address
	s.url = u.String()
	return s
}

// kill ends the server by SIGKILL and waits until it is gone.
func (s *server) kill() {
	s.t.Helper()
	ctx := context.WithoutCancel(s.t.Context())
	engine, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	defer engine.Close() //nolint:errcheck // nothing is on its way
	s.relay.close()
	if _, err := engine.ContainerKill(ctx, s.container.GetContainerID(), client.ContainerKillOptions{Signal: "KILL"}); err != nil {
		s.t.Fatal(err)
	}
	await(s.t, "the container to be gone", func() error {
		state, err := s.container.State(ctx)
		if err == nil && state.Running {
			err = errors.New("it runs")
		}
		return err
	})
}

// start starts the server again. It may not be ready yet.
func (s *server) start() {
	s.t.Helper()
	if err := s.container.Start(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	address, err := s.container.PortEndpoint(s.t.Context(), s.port, "")
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.relay.open(address); err != nil {
		s.t.Fatal(err)
	}
}

// relay passes connections on. While it is closed its port refuses them.
type relay struct {
	address  string
	listener net.Listener
}

// newRelay picks a port from below those that systems hand out by themselves: nobody else
// takes it while it is closed.
func newRelay(t testing.TB, to string) *relay {
	t.Helper()
	r := &relay{}
	await(t, "a free port", func() error {
		r.address = fmt.Sprintf("127.0.0.1:%d", 15_000+rand.N(15_000))
		return r.open(to)
	})
	t.Cleanup(r.close)
	return r
}

func (r *relay) close() { _ = r.listener.Close() }

// open passes new connections on to an address.
func (r *relay) open(to string) error {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", r.address)
	if err != nil {
		return err
	}
	r.listener = listener
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go pass(from, to)
		}
	}()
	return nil
}

func pass(from net.Conn, address string) {
	to, err := net.Dial("tcp", address)
	if err != nil {
		_ = from.Close()
		return
	}
	go func() {
		_, _ = io.Copy(to, from)
		_ = to.Close()
	}()
	_, _ = io.Copy(from, to)
	_ = from.Close()
	_ = to.Close()
}
