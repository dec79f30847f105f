// Package containertest starts containers for tests, says plainly when it cannot, and
// leaves none behind. Start with Start; packages databasetest and redistest build on it.
package containertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

// ErrUnavailable says that this machine cannot run the container: no Docker Engine
// answers, or the image can neither be found nor pulled.
var ErrUnavailable = errors.New("containers are not available here")

const (
	startTimeout = 5 * time.Minute // for everything; a first pull of an image is the slow part
	readyTimeout = time.Minute     // from the container's start to its answer
)

// Start runs a container of image that serves port ("5432/tcp") and returns it with its
// "host:port", once ready(ctx, "host:port") succeeds. It fails with ErrUnavailable where
// containers cannot be had. The container is removed when this process ends, however it
// ends.
func Start(ctx context.Context, image, port string, ready func(context.Context, string) error,
	options ...testcontainers.ContainerCustomizer,
) (testcontainers.Container, string, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := provide(ctx, image); err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	options = append(options, testcontainers.WithExposedPorts(port), testcontainers.WithLogger(log.NewNoopLogger()))
	if testcontainers.ReadConfig().RyukDisabled {
		options = append(options, testcontainers.WithAdditionalLifecycleHooks(removeAtExit))
	}
	container, err := testcontainers.Run(ctx, image, options...)
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("start a container of %s: %w", image, err), testcontainers.TerminateContainer(container))
	}
	address, err := container.PortEndpoint(ctx, port, "")
	if err == nil {
		err = await(ctx, container, func(ctx context.Context) error { return ready(ctx, address) })
	}
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("await the container of %s: %w", image, err), testcontainers.TerminateContainer(container))
	}
	return container, address, nil
}

// provide sees to it that the engine answers and has every image that is needed. It does
// so itself because Testcontainers retries a failed pull for a quarter of an hour, and
// panics where it finds no engine at all.
func provide(ctx context.Context, image string) (err error) {
	defer func() {
		if found := recover(); found != nil {
			err = fmt.Errorf("find the Docker Engine: %v", found)
		}
	}()
	engine, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return fmt.Errorf("find the Docker Engine: %w", err)
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	images := []string{image}
	if !testcontainers.ReadConfig().RyukDisabled {
		images = append(images, testcontainers.ReaperDefaultImage) //nolint:staticcheck // what replaced it is internal
	}
	for _, name := range images {
		if _, err := engine.ImageInspect(ctx, name); err == nil {
			continue
		}
		pull, err := engine.ImagePull(ctx, name, client.ImagePullOptions{})
		if err == nil {
			err = pull.Wait(ctx)
		}
		if err != nil {
			return fmt.Errorf("pull %s: %w", name, err)
		}
	}
	return nil
}

// await tries ready until it succeeds. When it does not in time, or the container ends
// by itself, the error has what the container said last.
func await(ctx context.Context, container testcontainers.Container, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		if state, stateErr := container.State(ctx); stateErr == nil && !state.Running {
			return fmt.Errorf("it ended: %w; it said:\n%s", err, lastWords(container))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w; it said:\n%s", err, lastWords(container))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// lastWords is the end of a container's log, as far as it can be had.
func lastWords(container testcontainers.Container) string {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	logs, err := container.Logs(ctx)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = logs.Close() }()
	text, _ := io.ReadAll(logs)
	return string(text[max(0, len(text)-1000):])
}

// SkipOrFail ends a test whose container did not start. Where containers are not
// available it is skipped with one plain line, unless SHOP_E2E_REQUIRE_CONTAINERS=1 says
// that a run which tested nothing must not look green; any other error is a failure.
func SkipOrFail(t testing.TB, err error) {
	t.Helper()
	if !errors.Is(err, ErrUnavailable) || os.Getenv("SHOP_E2E_REQUIRE_CONTAINERS") == "1" {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	t.Skip(line)
}

// Image is the image named by an environment variable, or the usual one.
func Image(variable, usual string) string {
	if image := os.Getenv(variable); image != "" {
		return image
	}
	return usual
}
