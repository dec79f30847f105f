// Package ops watches the shop run: the bus middleware that traces, measures, logs and
// validates, and the HTTP endpoints for machines and staff.
package ops

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
)

// Validation refuses a message whose own Validate method does.
func Validation() bus.Middleware {
	return func(next bus.Handler) bus.Handler {
		return func(ctx context.Context, message any) (any, error) {
			if v, ok := message.(interface{ Validate() error }); ok {
				if err := v.Validate(); err != nil {
					return nil, err
				}
			}
			return next(ctx, message)
		}
	}
}

// InUnitOfWork runs each message in a unit of work of its own.
func InUnitOfWork(work *database.UnitOfWork) bus.Middleware {
	return func(next bus.Handler) bus.Handler {
		return func(ctx context.Context, message any) (answer any, err error) {
			err = work.Do(ctx, func(ctx context.Context) (err error) {
				answer, err = next(ctx, message)
				return err
			})
			return answer, err
		}
	}
}

// Tracing makes each message a span. It costs next to nothing while no tracer is
// configured.
func Tracing() bus.Middleware {
	tracer := otel.Tracer("tirage/bus")
	return func(next bus.Handler) bus.Handler {
		return func(ctx context.Context, message any) (any, error) {
			ctx, span := tracer.Start(ctx, name(message))
			defer span.End()
			answer, err := next(ctx, message)
			if err != nil {
				span.SetStatus(codes.Error, "")
			}
			return answer, err
		}
	}
}

// Metrics measures how long each kind of message takes, as tirage_<bus>_seconds.
func Metrics(registry prometheus.Registerer, busName string) bus.Middleware {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "tirage_" + busName + "_seconds",
		Help:    "Time to handle a message of the " + busName + " bus.",
		Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
	}, []string{"message", "result"})
	registry.MustRegister(seconds)
	return func(next bus.Handler) bus.Handler {
		return func(ctx context.Context, message any) (any, error) {
			began := time.Now()
			answer, err := next(ctx, message)
			result := "ok"
			if err != nil {
				result = "error"
			}
			seconds.WithLabelValues(name(message), result).Observe(time.Since(began).Seconds())
			return answer, err
		}
	}
}

// Logging writes a debug line for each message. Errors are returned, and logged once
// by whoever handles them.
func Logging(log *slog.Logger, busName string) bus.Middleware {
	return func(next bus.Handler) bus.Handler {
		return func(ctx context.Context, message any) (any, error) {
			began := time.Now()
			answer, err := next(ctx, message)
			log.DebugContext(ctx, busName, "message", name(message), "took", time.Since(began), "failed", err != nil)
			return answer, err
		}
	}
}

// name is a message's type without its pointer: "command.CreateOrder".
func name(message any) string { return strings.TrimPrefix(fmt.Sprintf("%T", message), "*") }
