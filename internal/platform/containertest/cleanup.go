package containertest

import (
	"context"
	"fmt"
	"os/exec"

	"github.com/testcontainers/testcontainers-go"
)

// removeAtExit removes a container as soon as this process is gone. Ryuk does that where
// it may run; this is for machines where its image cannot be had. A deferred call would
// not do: a test that times out, panics or is killed runs none. So a child waits for the
// end of its input, which is the moment this process lets go of the pipe.
var removeAtExit = testcontainers.ContainerLifecycleHooks{
	PostCreates: []testcontainers.ContainerHook{
		func(_ context.Context, container testcontainers.Container) error {
			watcher := exec.Command("sh", "-c", `trap "" INT TERM HUP; cat; docker rm --force --volumes "$1"`,
				"sh", container.GetContainerID())
			if _, err := watcher.StdinPipe(); err != nil {
				return fmt.Errorf("watch over a container: %w", err)
			}
			if err := watcher.Start(); err != nil {
				return fmt.Errorf("watch over a container: %w", err)
			}
			go func() { _ = watcher.Wait() }() // also keeps the pipe from being collected
			return nil
		},
	},
}
