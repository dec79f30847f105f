package web_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"tirage/internal/platform/web"
)

var errTaken = errors.New("the name is taken")

type request struct {
	Body struct {
		Name string `json:"name"`
		Card string `json:"card"`
	}
}

// newServer has one operation, which answers err, below path.
func newServer(t *testing.T, path string, answer func() error) (*web.Server, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	s := web.NewServer(slog.New(slog.NewTextHandler(&log, nil)), "staff-secret")
	huma.Register(s.API, huma.Operation{Method: http.MethodPost, Path: path, OperationID: "test"},
		func(context.Context, *request) (*struct{}, error) {
			return nil, web.Problems{errTaken: http.StatusConflict}.Of(answer())
		})
	return s, &log
}

func send(s *web.Server, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.Echo.ServeHTTP(w, r)
	return w
}

const goodBody = `{"name":"Ada","card":"4242"}`

func TestKnownErrorsShowTheirText(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, "/things", func() error { return errTaken })
	w := send(s, "/things", goodBody)
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "the name is taken") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("content type %q", got)
	}
}

func TestUnknownErrorsAreLoggedAndNotShown(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func() error{
		"error": func() error { return errors.New("password is hunter2") },
		"panic": func() error { panic("password is hunter2") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, log := newServer(t, "/things", answer)
			w := send(s, "/things", goodBody)
			if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "hunter2") {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			id := w.Header().Get("X-Request-Id")
			if id == "" || strings.Count(log.String(), "hunter2") != 1 || !strings.Contains(log.String(), id) {
				t.Errorf("request %q, log:\n%s", id, log)
			}
			if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("content type %q", got)
			}
		})
	}
}

func TestARefusalDoesNotRepeatWhatWasSent(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, "/things", func() error { return nil })
	w := send(s, "/things", `{"card":"4242"}`)
	if w.Code != http.StatusUnprocessableEntity || strings.Contains(w.Body.String(), "4242") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, "/things", func() error { return nil })
	for name, c := range map[string]struct {
		body string
		want int
	}{
		"malformed":     {`{"name":`, http.StatusBadRequest},
		"unknown field": {`{"name":"Ada","card":"1","price":1}`, http.StatusUnprocessableEntity},
		"wrong type":    {`{"name":1,"card":"1"}`, http.StatusUnprocessableEntity},
		"too large":     {`{"name":"` + strings.Repeat("a", 1<<20) + `","card":"1"}`, http.StatusRequestEntityTooLarge},
	} {
		if w := send(s, "/things", c.body); w.Code != c.want || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := send(s, "/nowhere", goodBody); w.Code != http.StatusNotFound {
		t.Errorf("no such route: %d", w.Code)
	}
}

func TestStaffNeedTheirToken(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, "/api/v1/staff/things", func() error { return nil })
	for token, want := range map[string]int{
		"":                    http.StatusUnauthorized,
		"Bearer ":             http.StatusUnauthorized,
		"Bearer wrong":        http.StatusUnauthorized,
		"Bearer staff-secret": http.StatusNoContent,
	} {
		if w := send(s, "/api/v1/staff/things", goodBody, "Authorization", token); w.Code != want {
			t.Errorf("%q: %d, want %d", token, w.Code, want)
		}
	}
}
