package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"tirage/internal/platform/event"
)

type requestIDKey struct{}

// RequestID returns the id of the HTTP request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// identify gives each request an id, which the answer names in X-Request-Id.
func identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := event.NewID()
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		request := c.Request()
		c.SetRequest(request.WithContext(context.WithValue(request.Context(), requestIDKey{}, id)))
		return next(c)
	}
}

// access logs each request once, by its route: a path may hold an order's token.
func access(log *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			began := time.Now()
			if err := next(c); err != nil {
				c.Error(err)
			}
			level := slog.LevelInfo
			if c.Response().Status >= http.StatusInternalServerError {
				level = slog.LevelError
			}
			ctx := c.Request().Context()
			log.Log(ctx, level, "request", "method", c.Request().Method, "route", c.Path(),
				"status", c.Response().Status, "took", time.Since(began), "request", RequestID(ctx))
			return nil
		}
	}
}
