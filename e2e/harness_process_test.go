package e2e_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// environment is the SHOP_ variables of a process.
type environment map[string]string

// with returns a copy of e with some "NAME=value" in addition.
func (e environment) with(settings ...string) environment {
	all := maps.Clone(e)
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		all[name] = value
	}
	return all
}

// list is what exec wants. Nothing of the developer's own environment gets in that could
// change what the program does.
func (e environment) list() []string {
	list := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir()}
	for _, name := range slices.Sorted(maps.Keys(e)) {
		list = append(list, name+"="+e[name])
	}
	return list
}

// process is one run of the program.
type process struct {
	name string
	cmd  *exec.Cmd
	said *transcript
	gone chan struct{} // closed when it has ended
}

// begin starts the program and does not wait for anything. Whoever calls it sees to finish.
func begin(t testing.TB, env environment, arguments ...string) *process {
	t.Helper()
	p := &process{
		name: strings.Join(append([]string{"shop"}, arguments...), " "),
		cmd:  exec.Command(binary, arguments...), said: &transcript{}, gone: make(chan struct{}),
	}
	p.cmd.Env, p.cmd.Dir = env.list(), t.TempDir()
	p.cmd.Stdout, p.cmd.Stderr = p.said, p.said
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // cmd.ProcessState tells
		close(p.gone)
	}()
	return p
}

// finish kills the process if it still runs, and shows what it said if the test failed.
func (p *process) finish(t testing.TB) {
	t.Helper()
	p.kill()
	if t.Failed() {
		t.Logf("%s (process %d, %s) said last:\n%s", p.name, p.cmd.Process.Pid, p.cmd.ProcessState, p.said.end(30_000))
	}
}

// openLine is what the program prints when it is ready; a worker has no address.
var openLine = regexp.MustCompile(`(?m)^Tirage(?: is open at (\S+)|'s worker is at work)$`)

// awaitReady returns where the process listens, once it does; "" for a worker.
func (p *process) awaitReady(t testing.TB) (url string) {
	t.Helper()
	await(t, p.name+" to be ready", func() error {
		if found := openLine.FindStringSubmatch(p.said.all()); found != nil {
			url = found[1]
			return nil
		}
		if p.ended() {
			t.Fatalf("%s ended: %s", p.name, p.cmd.ProcessState)
		}
		return errNotYet
	})
	return url
}

// ended tells whether the process is gone.
func (p *process) ended() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

// awaitEnd returns how the process ended, once it did: its exit status, or -1 when a signal
// killed it.
func (p *process) awaitEnd(t testing.TB) int {
	t.Helper()
	select {
	case <-p.gone:
	case <-time.After(patience):
		t.Fatalf("%s does not end", p.name)
	}
	return p.cmd.ProcessState.ExitCode()
}

// terminate asks the process to end (SIGTERM) and does not wait.
func (p *process) terminate() { _ = p.cmd.Process.Signal(syscall.SIGTERM) }

// kill ends the process at once (SIGKILL) and waits until it is gone. One that is gone
// already stays so.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.gone
}

// output is what a command that ended has printed.
type output struct {
	stdout, stderr string
	status         int
}

// run runs the program until it ends by itself.
func run(t testing.TB, env environment, arguments ...string) output {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), binary, arguments...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = env.list(), t.TempDir(), &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return output{stdout: stdout.String(), stderr: stderr.String(), status: cmd.ProcessState.ExitCode()}
}

func (o output) String() string {
	return fmt.Sprintf("exit status %d\nstdout:\n%s\nstderr:\n%s", o.status, o.stdout, o.stderr)
}

// transcript keeps what a process says while others read it.
type transcript struct {
	mu   sync.Mutex
	text []byte
}

func (s *transcript) Write(more []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = append(s.text, more...)
	return len(more), nil
}

func (s *transcript) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.text)
}

func (s *transcript) end(limit int) string {
	text := s.all()
	return text[max(0, len(text)-limit):]
}
