// Package web is the edge towards HTTP: the Echo server, the JSON API that contexts
// register their operations on, and the one place where errors become answers.
package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// Server is the shop's HTTP server.
type Server struct {
	Echo *echo.Echo
	API  huma.API
	log  *slog.Logger
	http *http.Server
}

// maxBody is far more than any request of ours needs.
const maxBody = "64K"

// NewServer returns a server without routes. staffToken guards what is below
// /api/v1/staff; without one nobody gets in.
func NewServer(log *slog.Logger, staffToken string) *Server {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = echo.ExtractIPDirect() // or anybody may claim to be anybody by X-Forwarded-For
	e.HTTPErrorHandler = answerError(log)
	e.Use(identify, access(log), middleware.Recover(), middleware.BodyLimit(maxBody), legibleURL, staffOnly(staffToken))
	config := huma.DefaultConfig("Tirage", "1")
	config.Formats = map[string]huma.Format{"application/json": legibleJSON, "json": legibleJSON}
	config.DocsPath = ""
	config.CreateHooks = nil // they would add a $schema to every answer
	config.Transformers = append(config.Transformers, logCause(log), keepSecrets)
	return &Server{
		Echo: e,
		API:  humaecho.New(e, config),
		log:  log,
		http: &http.Server{Handler: e, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, IdleTimeout: time.Minute},
	}
}

// Mount answers GET requests for path by handler.
func (s *Server) Mount(path string, handler http.Handler) {
	s.Echo.GET(path, echo.WrapHandler(handler))
}

// Serve answers requests on listener until Shutdown.
func (s *Server) Serve(listener net.Listener) error {
	if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve HTTP: %w", err)
	}
	return nil
}

// Shutdown stops listening and waits for the requests under way.
func (s *Server) Shutdown(ctx context.Context) error { return s.http.Shutdown(ctx) }

// logCause writes down why an answer is a 500.
func logCause(log *slog.Logger) huma.Transformer {
	return func(ctx huma.Context, _ string, answer any) (any, error) {
		if e, ok := answer.(*internalError); ok {
			log.Error("request failed", "error", e.cause, "request", RequestID(ctx.Context()))
		}
		return answer, nil
	}
}

// keepSecrets takes what the client sent out of a problem that says what is wrong with
// it: where a field is missing, that would be the whole body, the card number included.
func keepSecrets(_ huma.Context, _ string, answer any) (any, error) {
	if problem, ok := answer.(*huma.ErrorModel); ok {
		for _, detail := range problem.Errors {
			detail.Value = nil
		}
	}
	return answer, nil
}

// answerError answers what Echo itself refuses (no such route, body too large) and
// what panicked, as problems too.
func answerError(log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		problem := internalProblem()
		if refused, ok := errors.AsType[*echo.HTTPError](err); ok && refused.Code < http.StatusInternalServerError {
			problem = &huma.ErrorModel{Status: refused.Code, Title: http.StatusText(refused.Code)}
		} else {
			log.Error("request failed", "error", err, "request", RequestID(c.Request().Context()))
		}
		c.Response().Header().Set(echo.HeaderContentType, "application/problem+json")
		c.Response().WriteHeader(problem.Status)
		if c.Request().Method == http.MethodHead {
			return
		}
		if err := c.Echo().JSONSerializer.Serialize(c, problem, ""); err != nil {
			log.Debug("client went away", "error", err)
		}
	}
}

// staffOnly asks for the staff token below /api/v1/staff. Tokens are compared by their
// digests, in constant time.
func staffOnly(token string) echo.MiddlewareFunc {
	want := sha256.Sum256([]byte("Bearer " + token))
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if !strings.HasPrefix(c.Request().URL.Path, "/api/v1/staff/") {
				return next(c)
			}
			got := sha256.Sum256([]byte(c.Request().Header.Get(echo.HeaderAuthorization)))
			if token == "" || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
				return echo.ErrUnauthorized
			}
			return next(c)
		}
	}
}
