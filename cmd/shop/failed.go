package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"tirage/internal/platform/database"
	"tirage/internal/platform/delivery"
)

// failedCommands work on the ledger: a running shop carries out what they decide, so
// they need the same database and no Redis.
type failedCommands struct {
	List   failedList   `cmd:"" help:"List dead deliveries, the latest first."`
	Parked failedParked `cmd:"" help:"List tasks that were found in Redis and that no delivery knows."`
	Show   failedShow   `cmd:"" help:"Show one delivery with all its attempts."`
	Retry  failedRetry  `cmd:"" help:"Make dead deliveries pending again, with a full retry policy."`
	Remove failedRemove `cmd:"" help:"Give dead deliveries up; their rows stay, as removed."`
}

type failedList struct {
	State string `enum:"dead,removed,pending" default:"dead" help:"dead, removed, or pending: what waits, the longest due first."`
	Limit int    `default:"50" help:"How many at most."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

type failedParked struct {
	Limit int  `default:"50" help:"How many at most."`
	JSON  bool `name:"json" help:"Print JSON."`
}

type failedShow struct {
	Delivery string `arg:"" help:"event:handler, as list prints it."`
	JSON     bool   `name:"json" help:"Print JSON."`
}

type failedRetry struct {
	Deliveries []string `arg:"" optional:"" help:"event:handler, as list prints it."`
	All        bool     `help:"Every dead delivery."`
}

type failedRemove struct {
	Deliveries []string `arg:"" help:"event:handler, as list prints it."`
}

// withDesk runs fn with the desk over the configured ledger. It opens, and never
// creates, the embedded database.
func withDesk(ctx context.Context, config *Config, fn func(*delivery.Desk) error) error {
	if config.Embedded() {
		if _, err := os.Stat(config.databaseFile()); err != nil {
			return fmt.Errorf("no shop has run in SHOP_DATA_DIR %q yet: %w", config.DataDir, err)
		}
	}
	db, err := openDatabase(ctx, config)
	if err != nil {
		return err
	}
	return errors.Join(fn(delivery.NewDesk(db)), db.Close())
}

func (c failedList) Run(ctx context.Context, config *Config, t terminal) error {
	return withDesk(ctx, config, func(desk *delivery.Desk) error {
		entries, err := desk.List(ctx, delivery.State(c.State), c.Limit)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(t.out, entries)
		}
		if len(entries) == 0 {
			fmt.Fprintf(t.out, "No delivery is %s.\n", c.State)
			return nil
		}
		table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintf(table, "DELIVERY\tEVENT\tATTEMPTS\t%s SINCE\tERROR\n", strings.ToUpper(c.State))
		for _, e := range entries {
			since := e.SettledAt
			if since.IsZero() {
				since = e.DueAt
			}
			fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\n", e.ID(), e.EventType, e.Attempts, stamp(since), firstLine(e.Error))
		}
		return table.Flush()
	})
}

func (c failedParked) Run(ctx context.Context, config *Config, t terminal) error {
	return withDesk(ctx, config, func(desk *delivery.Desk) error {
		tasks, err := desk.Parked(ctx, c.Limit)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(t.out, tasks)
		}
		if len(tasks) == 0 {
			fmt.Fprintln(t.out, "No task is parked.")
			return nil
		}
		table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "TASK\tQUEUE\tTYPE\tPARKED\tREASON\tPAYLOAD")
		for _, p := range tasks {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%.60q\n", p.TaskID, p.Queue, p.Type, stamp(p.ParkedAt), p.Reason, p.Payload)
		}
		return table.Flush()
	})
}

func (c failedShow) Run(ctx context.Context, config *Config, t terminal) error {
	id, err := delivery.ParseID(c.Delivery)
	if err != nil {
		return usageError{err}
	}
	return withDesk(ctx, config, func(desk *delivery.Desk) error {
		entry, attempts, err := desk.Show(ctx, id)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(t.out, map[string]any{"delivery": entry, "attempts": attempts})
		}
		fmt.Fprintf(t.out, "delivery     %s\nevent        %s of %s\ncorrelation  %s\nqueue        %s\nstate        %s\n",
			entry.ID(), entry.EventType, entry.AggregateID, entry.CorrelationID, entry.Queue, entry.State)
		for _, a := range attempts {
			fmt.Fprintf(t.out, "\nattempt %d (generation %d): %s, %s, ran %s on %s\n",
				a.Attempt, a.Generation, a.Outcome, stamp(a.StartedAt), a.FinishedAt.Sub(a.StartedAt.Time), a.Worker)
			if a.Error != "" {
				fmt.Fprintf(t.out, "  %s\n", a.Error)
			}
			if a.Stack != "" {
				fmt.Fprintf(t.out, "    %s\n", strings.ReplaceAll(strings.TrimSpace(a.Stack), "\n", "\n    "))
			}
		}
		return nil
	})
}

func (c failedRetry) Run(ctx context.Context, config *Config, t terminal) error {
	if c.All == (len(c.Deliveries) > 0) {
		return usageError{errors.New("name the deliveries to retry, or give --all")}
	}
	return withDesk(ctx, config, func(desk *delivery.Desk) error {
		if !c.All {
			return forEach(c.Deliveries, func(id delivery.ID) error {
				return announce(t.out, "will be retried", id, desk.Retry(ctx, id))
			})
		}
		return retryAll(ctx, desk, t.out)
	})
}

// retryAll takes the dead in pages until none is left; what is retried is dead no more.
func retryAll(ctx context.Context, desk *delivery.Desk, out io.Writer) error {
	const page = 500
	for retried := 0; ; {
		entries, err := desk.List(ctx, delivery.Dead, page)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := desk.Retry(ctx, e.ID()); err != nil && !errors.Is(err, delivery.ErrNotDead) {
				return err
			}
			retried++
		}
		if len(entries) < page {
			fmt.Fprintf(out, "%d deliveries will be retried\n", retried)
			return nil
		}
	}
}

func (c failedRemove) Run(ctx context.Context, config *Config, t terminal) error {
	return withDesk(ctx, config, func(desk *delivery.Desk) error {
		return forEach(c.Deliveries, func(id delivery.ID) error {
			return announce(t.out, "removed", id, desk.Remove(ctx, id))
		})
	})
}

func forEach(names []string, do func(delivery.ID) error) error {
	var errs []error
	for _, name := range names {
		id, err := delivery.ParseID(name)
		if err != nil {
			return usageError{err}
		}
		errs = append(errs, do(id))
	}
	return errors.Join(errs...)
}

func announce(out io.Writer, what string, id delivery.ID, err error) error {
	if err == nil {
		fmt.Fprintf(out, "%s %s\n", id, what)
	}
	return err
}

func printJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func stamp(t database.Time) string { return t.Format(time.DateTime) + "Z" }

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
