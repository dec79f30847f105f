package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"tirage/internal/platform/delivery"
)

type serveCommand struct{}

// Run opens the whole shop in one process.
func (serveCommand) Run(ctx context.Context, config *Config, t terminal) error {
	return serve(ctx, config, t, roles{web: true, worker: true})
}

type webCommand struct{}

// Run answers HTTP; other processes run the handlers.
func (webCommand) Run(ctx context.Context, config *Config, t terminal) error {
	return serve(ctx, config, t, roles{web: true})
}

type workerCommand struct{}

// Run runs handlers; other processes answer HTTP.
func (workerCommand) Run(ctx context.Context, config *Config, t terminal) error {
	return serve(ctx, config, t, roles{worker: true})
}

// roles is what a process does.
type roles struct{ web, worker bool }

func (r roles) both() bool { return r.web && r.worker }

func serve(ctx context.Context, config *Config, t terminal, r roles) error {
	if config.Embedded() && !r.both() {
		return usageError{errors.New("the embedded default runs in one process: " +
			"set SHOP_DATABASE_URL and SHOP_REDIS_URL, or run shop without a command")}
	}
	var listener net.Listener
	if r.web {
		var err error
		if listener, err = listen(ctx, config); err != nil {
			return err
		}
	}
	s, err := newShop(ctx, config, config.logger(t.err))
	if err != nil {
		return errors.Join(err, closeListener(listener))
	}
	s.log.Info("configured", "config", config)
	if r.web {
		fmt.Fprintf(t.out, "Tirage is open at %s\n", config.BaseURL)
	} else {
		fmt.Fprintln(t.out, "Tirage's worker is at work")
	}
	err = s.serve(ctx, listener, r)
	return errors.Join(err, s.close())
}

// listen takes the port before anything else, so that a second shop fails at once, and
// fixes the base URL when it was left to the address.
func listen(ctx context.Context, config *Config) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", config.Addr)
	if err != nil {
		return nil, fmt.Errorf("SHOP_ADDR: %w", err)
	}
	if config.BaseURL == "" {
		config.BaseURL = "http://" + listener.Addr().String()
	}
	return listener, nil
}

func closeListener(listener net.Listener) error {
	if listener == nil {
		return nil
	}
	return listener.Close()
}

// drainTime is how long requests under way may take when the shop closes.
const drainTime = 10 * time.Second

// serve runs until ctx is done, then stops in order: listening, working, publishing.
func (s *shop) serve(ctx context.Context, listener net.Listener, r roles) error {
	s.dispatcher.Start()
	background, stopBackground := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBackground()
	var group errgroup.Group
	var worker *delivery.Worker
	if r.worker {
		worker = delivery.NewWorker(s.redis.Worker, s.ledger, s.work)
		if err := worker.Start(); err != nil {
			return err
		}
		reconciler := delivery.NewReconciler(s.ledger, s.work, s.broker)
		group.Go(func() error {
			reconciler.Run(background)
			return nil
		})
	}
	failed := make(chan error, 1)
	if r.web {
		group.Go(func() error {
			err := s.server.Serve(listener)
			failed <- err
			return err
		})
	}
	var stopErr error
	select {
	case <-ctx.Done():
		s.log.Info("closing")
	case stopErr = <-failed:
	}
	if r.web {
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		stopErr = errors.Join(stopErr, s.server.Shutdown(drain))
	}
	if r.worker {
		worker.Stop()
	}
	stopBackground()
	stopErr = errors.Join(stopErr, group.Wait())
	s.dispatcher.Stop()
	return stopErr
}
