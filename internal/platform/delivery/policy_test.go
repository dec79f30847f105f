package delivery

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestBackoffDoubles(t *testing.T) {
	t.Parallel()
	policy := DefaultConfig().Policies["critical"]
	for n, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second} {
		if got := policy.DelayAfter(n); got != want {
			t.Errorf("after attempt %d it waits %s, want %s", n, got, want)
		}
	}
}

func TestHandlersEndBeforeAShutdownGivesUp(t *testing.T) {
	t.Parallel()
	c := DefaultConfig()
	if c.HandlerTimeout >= c.ShutdownTimeout || c.HandlerTimeout >= c.lease() {
		t.Errorf("handler %s, shutdown %s, lease %s", c.HandlerTimeout, c.ShutdownTimeout, c.lease())
	}
}

// Asynq cuts a retry's time to whole seconds, so ours are rounded up: never early, and
// late by a second at the most.
func TestRetryDelayIsNeverEarly(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{time.Second, 2 * time.Second, 1300 * time.Millisecond} {
		before := time.Now()
		delay := retryDelay(0, &retryError{after: after}, nil)
		scored := before.Add(delay).Round(time.Millisecond).Truncate(time.Second) // as Asynq stores it
		if early := before.Add(after).Sub(scored); early > 0 {
			t.Errorf("a delay of %s fires %s early", after, early)
		}
		if delay > after+time.Second {
			t.Errorf("a delay of %s became %s", after, delay)
		}
	}
}

func TestWaitingIsNoFailure(t *testing.T) {
	t.Parallel()
	if isFailure(comeBack(Task{}, time.Second)) {
		t.Error("Asynq counts waiting as a failure")
	}
	if !isFailure(&retryError{}) || !isFailure(archive(Task{})) {
		t.Error("Asynq does not count a failure")
	}
}

func TestCutMakesTextStorable(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"plain", "bad \xff\xfe bytes", "a\x00b", strings.Repeat("é", 2000), strings.Repeat("x", 1<<20)} {
		got := cut(text, 1001)
		if len(got) > 1001 || !utf8.ValidString(got) || strings.Contains(got, "\x00") {
			t.Errorf("cut made %d bytes, valid %t", len(got), utf8.ValidString(got))
		}
	}
	if cut("plain", 1001) != "plain" {
		t.Error("short text is changed")
	}
}

func TestParseID(t *testing.T) {
	t.Parallel()
	want := ID{EventID: "0193", Handler: "stock.UpdateStockOnOrderCreated"}
	if got, err := ParseID(want.String()); err != nil || got != want {
		t.Errorf("ParseID(%q) = %v, %v", want.String(), got, err)
	}
	for _, bad := range []string{"", "0193", ":handler", "0193:"} {
		if _, err := ParseID(bad); !errors.Is(err, ErrBadID) {
			t.Errorf("ParseID(%q) = %v", bad, err)
		}
	}
}

func TestRedisURLs(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"redis://localhost:6379", "redis://user:secret@redis.example:6380/3", "rediss://redis.example:6380",
		"redis-socket:///run/redis.sock?db=2", "redis-sentinel://:secret@one:26379,two:26379?master=shop",
		"redis-cluster://one:6379,two:6379,three:6379", "redis-cluster://user:secret@one:6379?tls=true",
	} {
		if err := CheckRedisURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "localhost:6379", "http://localhost", "redis-cluster://", "redis://h:notaport"} {
		if err := CheckRedisURL(bad); err == nil {
			t.Errorf("%q is taken", bad)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
	cluster, err := parseRedisURL("redis-cluster://one:6379,two:6379")
	if err != nil || !cluster.IsClusterMode || len(cluster.Addrs) != 2 {
		t.Errorf("cluster: %+v, %v", cluster, err)
	}
}

func TestCrashPointsAreChecked(t *testing.T) {
	t.Parallel()
	for crashAt, wrong := range map[string]bool{
		"": false, crashAfterCommit: false, crashBeforeHandlerCommit + "=order.ChargeOnPaymentRequested": false, "sometimes": true,
	} {
		if err := CheckCrashAt(crashAt, true); (err != nil) != wrong {
			t.Errorf("%q: %v", crashAt, err)
		}
	}
	if err := CheckCrashAt(crashAfterCommit, false); err == nil {
		t.Error("a crash point outside the failure lab")
	}
}
