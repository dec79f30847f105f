package e2e_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// The demonstration's cards.
const (
	cardApproved = "4242 4242 4242 4242"
	cardDeclined = "4000 0000 0000 0002"
	cardOutage   = "4000 0000 0000 0119" // the provider is down twice, then approves
	cardTimeout  = "4000 0000 0000 0341" // charged, but the answer is lost once
	cardBroken   = "4000 0000 0000 0069" // breaks the provider for good
)

// answer is what the shop answered to a request.
type answer struct {
	status    int
	media     string
	requestID string
	location  string
	body      []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, a.body) }

// into decodes the answer's body.
func (a answer) into(value any) error {
	if err := json.Unmarshal(a.body, value); err != nil {
		return fmt.Errorf("decode %s: %w", a, err)
	}
	return nil
}

// try makes one request; body is sent as it is when it is a string, else as JSON, and not
// at all when it is nil. It carries an Idempotency-Key of its own, and staff's token where
// staff alone may go. It may be called from any goroutine, and fails only when no answer
// came.
func (s *shop) try(method, path string, body any) (answer, error) {
	headers := map[string]string{"Idempotency-Key": rand.Text()}
	if strings.HasPrefix(path, "/api/v1/staff/") {
		headers["Authorization"] = "Bearer " + staffToken
	}
	return s.send(method, path, body, headers)
}

// send is try with these headers instead.
func (s *shop) send(method, path string, body any, headers map[string]string) (answer, error) {
	var content io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(body)
	default:
		encoded, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		content = bytes.NewReader(encoded)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, content)
	if err != nil {
		return answer{}, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	return answer{
		status: response.StatusCode, media: response.Header.Get("Content-Type"), body: read,
		requestID: response.Header.Get("X-Request-Id"), location: response.Header.Get("Location"),
	}, err
}

// request is try for the test's own goroutine: it wants the given status.
func (s *shop) request(method, path string, body any, status int) answer {
	s.t.Helper()
	a, err := s.try(method, path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if a.status != status {
		s.t.Fatalf("%s %s: want %d, have %s", method, path, status, a)
	}
	return a
}

// read decodes what GET path answers.
func (s *shop) read(path string, into any) {
	s.t.Helper()
	if err := s.request(http.MethodGet, path, nil, http.StatusOK).into(into); err != nil {
		s.t.Fatal(err)
	}
}

// fail makes a handler fail on purpose the next times it runs, on every process: -1 is
// always, 0 is no more. Modes: error, permanent, panic, slow, after_effect.
func (s *shop) fail(handler, mode string, times int) {
	s.t.Helper()
	s.request(http.MethodPut, "/api/v1/staff/lab/"+handler, map[string]any{"mode": mode, "times": times}, http.StatusNoContent)
}
