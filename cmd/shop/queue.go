package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/hibiken/asynq"

	"tirage/internal/platform/delivery"
)

type queueCommands struct {
	Stats queueStats `cmd:"" help:"Show size, waiting, processing time and failure rate of each queue."`
}

type queueStats struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (c queueStats) Run(ctx context.Context, config *Config, t terminal) error {
	return withDesk(ctx, config, func(desk *delivery.Desk) error {
		stats, err := c.measure(ctx, config, desk, t)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(t.out, stats)
		}
		table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(table, "QUEUE\tPENDING\tDEAD\tOLDEST DUE\tIN REDIS\tACTIVE\tRETRY\tARCHIVED\tLAST HOUR\tFAILED\tMEAN RUN\t")
		for _, s := range stats {
			fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%s\t%d\t%.1f%%\t%s\t\n", s.Queue, s.Pending, s.Dead,
				s.OldestDue.Round(time.Millisecond), taskColumns(s.Tasks), s.Attempts, 100*s.FailureRate,
				s.MeanRun.Round(10*time.Microsecond))
		}
		return table.Flush()
	})
}

// measure asks the ledger and, where it answers, Redis.
func (queueStats) measure(ctx context.Context, config *Config, desk *delivery.Desk, t terminal) ([]delivery.QueueStats, error) {
	inspector, done, err := openInspector(ctx, config)
	if err == nil {
		var stats []delivery.QueueStats
		if stats, err = desk.Stats(ctx, inspector); err == nil {
			return stats, done()
		}
		err = errors.Join(err, done())
	}
	fmt.Fprintf(t.err, "Redis does not answer, so these are the ledger's figures only: %v\n", err)
	return desk.Stats(ctx, nil)
}

func openInspector(ctx context.Context, config *Config) (*asynq.Inspector, func() error, error) {
	redisURL := config.RedisURL
	if config.Embedded() {
		var err error
		if redisURL, err = delivery.EmbeddedRedisURL(config.DataDir); err != nil {
			return nil, nil, err
		}
	}
	redis, err := delivery.OpenRedis(ctx, redisURL)
	if err != nil {
		return nil, nil, err
	}
	return asynq.NewInspectorFromRedisClient(redis.Publisher), redis.Close, nil
}

func taskColumns(c *delivery.TaskCounts) string {
	if c == nil {
		return "?\t?\t?\t?"
	}
	return fmt.Sprintf("%d\t%d\t%d\t%d", c.Size, c.Active, c.Retry, c.Archived)
}
