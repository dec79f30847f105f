package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"tirage/internal/platform/delivery"
)

// Config is all of the configuration, as flags and environment variables.
type Config struct {
	Addr          string        `env:"SHOP_ADDR" default:"127.0.0.1:8080" help:"Where to listen; port 0 picks a free one."`
	BaseURL       string        `env:"SHOP_BASE_URL" help:"The shop's address as customers see it; by default where it listens."`
	DataDir       string        `env:"SHOP_DATA_DIR" default:"data" help:"Where the embedded default keeps its files."`
	DatabaseURL   string        `env:"SHOP_DATABASE_URL" help:"postgres:// URL; without one, an SQLite file in the data directory."`
	RedisURL      string        `env:"SHOP_REDIS_URL" help:"redis://, rediss://, redis-sentinel:// or redis-cluster:// URL; without one, a Redis in this process."`
	SMTPURL       string        `env:"SHOP_SMTP_URL" name:"smtp-url" help:"smtp:// or smtps:// URL of a mail server; without one, mails stay in the shop's own mailbox."`
	PaymentWindow time.Duration `env:"SHOP_PAYMENT_WINDOW" help:"How long an unpaid order holds its copies: 15m, but 2m in the embedded demo."`
	StaffToken    string        `env:"SHOP_STAFF_TOKEN" help:"Bearer token of the staff endpoints; without one they are closed."`
	Secret        string        `env:"SHOP_SECRET" help:"What order tokens are made with, of 32 characters or more, the same in every process; the embedded default makes one and keeps it."`
	LogFormat     string        `env:"SHOP_LOG_FORMAT" default:"text" help:"text or json."`
	LogLevel      slog.Level    `env:"SHOP_LOG_LEVEL" default:"info" help:"debug, info, warn or error."`

	ReconcileEvery time.Duration `env:"SHOP_RECONCILE_EVERY" default:"1s" help:"Pause between two rounds of the reconciler."`
	FailureLab     bool          `env:"SHOP_FAILURE_LAB" help:"Allow failures made on purpose. Never in production."`
	CrashAt        string        `env:"SHOP_CRASH_AT" help:"In the failure lab: the crash point at which to kill this process."`
}

const (
	paymentWindow     = 15 * time.Minute
	demoPaymentWindow = 2 * time.Minute
)

// Embedded reports whether the shop runs on its embedded database.
func (c *Config) Embedded() bool { return c.DatabaseURL == "" }

// AfterApply checks the configuration and names the variable that is wrong. Kong calls
// it before any command runs.
func (c *Config) AfterApply() error {
	if c.PaymentWindow == 0 {
		c.PaymentWindow = paymentWindow
		if c.Embedded() {
			c.PaymentWindow = demoPaymentWindow
		}
	}
	checks := []struct {
		variable string
		err      error
	}{
		{"SHOP_ADDR", checkAddr(c.Addr)},
		{"SHOP_BASE_URL", checkURL(c.BaseURL, "http", "https")},
		{"SHOP_DATABASE_URL", checkDatabaseURL(c.DatabaseURL)},
		{"SHOP_REDIS_URL", checkRedisURL(c.RedisURL)},
		{"SHOP_SMTP_URL", checkURL(c.SMTPURL, "smtp", "smtps")},
		{"SHOP_LOG_FORMAT", checkLogFormat(c.LogFormat)},
		{"SHOP_PAYMENT_WINDOW", checkPositive(c.PaymentWindow)},
		{"SHOP_RECONCILE_EVERY", checkPositive(c.ReconcileEvery)},
		{"SHOP_CRASH_AT", delivery.CheckCrashAt(c.CrashAt, c.FailureLab)},
	}
	var mistakes []error
	for _, check := range checks {
		if check.err != nil {
			mistakes = append(mistakes, fmt.Errorf("%s: %w", check.variable, check.err))
		}
	}
	if !c.Embedded() && c.RedisURL == "" {
		mistakes = append(mistakes, errors.New("SHOP_REDIS_URL: needed with SHOP_DATABASE_URL, for other processes share the database"))
	}
	if c.Embedded() && c.RedisURL != "" {
		mistakes = append(mistakes, errors.New("SHOP_DATABASE_URL: needed with SHOP_REDIS_URL"))
	}
	return errors.Join(mistakes...)
}

func checkAddr(addr string) error {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return fmt.Errorf("want host:port, have %q", addr)
	}
	return nil
}

func checkURL(text string, schemes ...string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return fmt.Errorf("not a URL like %s://host", schemes[0])
	}
	if slices.Contains(schemes, u.Scheme) {
		return nil
	}
	return fmt.Errorf("scheme %q, want one of %v", u.Scheme, schemes)
}

func checkDatabaseURL(text string) error {
	if err := checkURL(text, "postgres", "postgresql"); err != nil || text == "" {
		return err
	}
	if _, err := pgx.ParseConfig(text); err != nil {
		return errors.New("not a PostgreSQL URL like postgres://user:password@host:5432/name") // pgx's own text may hold the password
	}
	return nil
}

func checkRedisURL(text string) error {
	if text == "" {
		return nil
	}
	return delivery.CheckRedisURL(text)
}

func checkLogFormat(format string) error {
	if format != "text" && format != "json" {
		return fmt.Errorf("want text or json, have %q", format)
	}
	return nil
}

func checkPositive(d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("want more than nothing, have %s", d)
	}
	return nil
}

// databaseFile is the embedded database.
func (c *Config) databaseFile() string { return filepath.Join(c.DataDir, "shop.db") }

// delivery is the delivery configuration of this process.
func (c *Config) delivery() delivery.Config {
	config := delivery.DefaultConfig()
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	config.Worker = fmt.Sprintf("%s:%d", host, os.Getpid())
	config.ReconcileEvery = c.ReconcileEvery
	config.FailureLab = c.FailureLab
	config.CrashAt = c.CrashAt
	return config
}

// logger writes to w what the configuration asks for.
func (c *Config) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// LogValue implements slog.LogValuer: the configuration without its secrets.
func (c *Config) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("addr", c.Addr),
		slog.String("database", masked(c.DatabaseURL, "sqlite:"+c.databaseFile())),
		slog.String("redis", masked(c.RedisURL, "embedded")),
		slog.String("smtp", masked(c.SMTPURL, "own mailbox")),
		slog.Duration("payment_window", c.PaymentWindow),
		slog.Bool("staff", c.StaffToken != ""),
		slog.Bool("failure_lab", c.FailureLab),
	)
}

func masked(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	u, err := url.Parse(text)
	if err != nil {
		return "(unreadable)"
	}
	return u.Redacted()
}
