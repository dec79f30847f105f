package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"tirage/internal/order/domain"
	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
	"tirage/internal/platform/delivery"
	"tirage/internal/platform/ops"
	"tirage/internal/platform/web"
	"tirage/internal/stock/infrastructure/catalogue"
	"tirage/internal/stock/infrastructure/store"
	"tirage/migrations"
)

// shop is the program's parts, wired together.
type shop struct {
	config   *Config
	log      *slog.Logger
	secret   domain.Secret
	db       *database.DB
	registry *prometheus.Registry

	commands *bus.Commands
	queries  *bus.Queries
	events   *bus.Events

	redis      *delivery.Redis
	broker     *delivery.Broker
	work       *database.UnitOfWork
	ledger     *delivery.Ledger
	dispatcher *delivery.Dispatcher

	server *web.Server
	closes []func() error
}

// newShop opens the database and Redis and wires the contexts. Nothing runs yet.
func newShop(ctx context.Context, config *Config, log *slog.Logger) (*shop, error) {
	s := &shop{config: config, log: log, registry: prometheus.NewRegistry()}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *shop) open(ctx context.Context) (err error) {
	if s.secret, err = openSecret(s.config); err != nil {
		return err
	}
	if s.db, err = openDatabase(ctx, s.config); err != nil {
		return err
	}
	s.closes = append(s.closes, s.db.Close)
	if err := prepareDatabase(ctx, s.db, s.log); err != nil {
		return err
	}
	if err := s.openRedis(ctx); err != nil {
		return err
	}
	s.broker = delivery.NewBroker(s.redis.Publisher, s.config.delivery())
	if err := s.wire(); err != nil {
		return err
	}
	if s.config.Embedded() {
		if err := s.ledger.FreeLeases(ctx); err != nil {
			return err
		}
	}
	return s.ledger.Subscribe(ctx)
}

// wire connects the parts; it touches neither database nor Redis.
func (s *shop) wire() error {
	s.wireDelivery()
	s.wireBuses()
	wireOrder(s)
	wireStock(s)
	if err := wireNotification(s); err != nil {
		return err
	}
	for path, handler := range ops.Endpoints(s.db, s.broker, s.registry) {
		s.server.Mount(path, handler)
	}
	if s.config.FailureLab {
		ops.RegisterLab(s.server.API, delivery.NewLab(s.db))
	}
	if err := s.events.Check(); err != nil {
		return fmt.Errorf("wiring: %w", err)
	}
	return nil
}

func openDatabase(ctx context.Context, config *Config) (*database.DB, error) {
	if config.Embedded() {
		return database.OpenSQLite(ctx, config.databaseFile())
	}
	return database.OpenPostgres(ctx, config.DatabaseURL)
}

// prepareDatabase migrates and seeds. Any number of processes may do so at once.
func prepareDatabase(ctx context.Context, db *database.DB, log *slog.Logger) error {
	applied, err := db.Migrate(ctx, migrations.Files)
	if err != nil {
		return err
	}
	if applied > 0 {
		log.Info("schema brought up to date", "migrations", applied)
	}
	return store.Seed(ctx, db, catalogue.All())
}

func (s *shop) openRedis(ctx context.Context) (err error) {
	if s.config.RedisURL != "" {
		s.redis, err = delivery.OpenRedis(ctx, s.config.RedisURL)
		if err == nil {
			s.closes = append(s.closes, s.redis.Close)
		}
		return err
	}
	embedded, err := delivery.StartEmbeddedRedis(ctx, s.config.DataDir)
	if err != nil {
		return err
	}
	s.redis = embedded.Redis
	s.closes = append(s.closes, embedded.Close)
	return nil
}

func (s *shop) wireDelivery() {
	config := s.config.delivery()
	s.events = newEvents(s.log, s.registry)
	s.dispatcher = delivery.NewDispatcher(s.broker, config, s.log)
	s.ledger = delivery.NewLedger(s.db, s.events, config, s.log, s.dispatcher.Offer)
	s.work = database.NewUnitOfWork(s.db, s.ledger)
}

func newEvents(log *slog.Logger, registry prometheus.Registerer) *bus.Events {
	return bus.NewEvents(ops.Tracing(), ops.Metrics(registry, "event"), ops.Logging(log, "event"))
}

func (s *shop) wireBuses() {
	s.commands = bus.NewCommands(ops.Tracing(), ops.Metrics(s.registry, "command"), ops.Logging(s.log, "command"),
		ops.Validation(), ops.InUnitOfWork(s.work))
	s.queries = bus.NewQueries(ops.Tracing(), ops.Metrics(s.registry, "query"), ops.Logging(s.log, "query"),
		ops.Validation())
	s.server = web.NewServer(s.log, s.config.StaffToken)
}

// close closes what was opened, the last first.
func (s *shop) close() error {
	var errs []error
	for _, closePart := range slices.Backward(s.closes) {
		errs = append(errs, closePart())
	}
	s.closes = nil
	return errors.Join(errs...)
}
