// Command shop is Tirage: an online gallery of limited-edition prints, in one program.
//
// Without arguments it opens the whole shop in one process, with nothing to install.
// wire.go assembles it, one file per context registers that context on the buses.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(exitCode(err))
	}
}

// commands is the command line: every flag also has an environment variable.
type commands struct {
	Config

	Serve   serveCommand   `cmd:"" default:"1" help:"Open the whole shop in one process (the default)."`
	Web     webCommand     `cmd:"" help:"Answer HTTP only; needs a database and a Redis of its own."`
	Worker  workerCommand  `cmd:"" help:"Run event handlers only; needs a database and a Redis of its own."`
	Migrate migrateCommand `cmd:"" help:"Bring the database's schema and the demo catalogue up to date."`
	Order   orderCommand   `cmd:"" help:"Place a demo order at a running shop and watch what happens to it."`
	Failed  failedCommands `cmd:"" help:"List and repair failed deliveries."`
	Queue   queueCommands  `cmd:"" help:"Watch the queues."`
	Events  eventsCommand  `cmd:"" help:"List every event with its producer, subscribers and retry policy."`
}

// terminal is where a command talks to.
type terminal struct {
	out io.Writer
	err io.Writer
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var c commands
	exited := false
	parser, err := kong.New(&c,
		kong.Name("shop"),
		kong.Description("Tirage sells limited-edition prints of generative art."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { exited = true }),
		kong.DefaultEnvars("SHOP"), // for the flags that name no variable of their own
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(terminal{out: stdout, err: stderr}),
	)
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if exited { // --help has been printed
		return nil
	}
	if err != nil {
		return usageError{err}
	}
	return command.Run(&c.Config)
}

// The exit codes, beside 0.
const (
	exitError   = 1
	exitUsage   = 2
	exitRefused = 3
)

// usageError is a mistake in the arguments or the environment.
type usageError struct{ error }

// errRefused says that an order ended without a sale.
var errRefused = errors.New("the order was refused")

func exitCode(err error) int {
	if errors.Is(err, errRefused) {
		return exitRefused
	}
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	return exitError
}
