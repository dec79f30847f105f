package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"tirage/internal/order"
	"tirage/internal/order/application/command"
	"tirage/internal/order/domain"
	"tirage/internal/order/infrastructure/simulator"
	"tirage/internal/platform/database/databasetest"
	"tirage/internal/platform/delivery/redistest"
	"tirage/internal/platform/event"
)

// The benchmarks run the whole shop in this process, on PostgreSQL and Redis in
// containers. Each prints its figures itself: one iteration is the whole measurement.

// benchShop is a running shop with editions that never sell out.
type benchShop struct {
	*shop

	b     testing.TB
	stop  func()
	skus  []string
	cards *simulator.Simulator
}

func newBenchShop(b *testing.B, databaseURL string) *benchShop {
	b.Helper()
	config := &Config{
		Addr: "127.0.0.1:0", BaseURL: "http://shop.test", DataDir: b.TempDir(),
		DatabaseURL: databaseURL, RedisURL: redistest.URL(b), ReconcileEvery: time.Second,
		Secret: "a secret for benchmarks, long enough",
	}
	if err := config.AfterApply(); err != nil {
		b.Fatal(err)
	}
	s, err := newShop(b.Context(), config, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.serve(ctx, nil, roles{worker: true}) }()
	shop := &benchShop{shop: s, b: b, cards: simulator.New(s.db)}
	shop.stop = func() {
		cancel()
		if err := errors.Join(<-ended, s.close()); err != nil {
			b.Error(err)
		}
	}
	shop.exec("UPDATE skus SET edition_size = 1000000, on_hand = 1000000")
	if err := s.db.Conn(b.Context()).Raw("SELECT sku FROM skus ORDER BY sku").Scan(&shop.skus).Error; err != nil {
		b.Fatal(err)
	}
	return shop
}

func (s *benchShop) exec(sql string) {
	s.b.Helper()
	if err := s.db.Direct(s.b.Context()).Exec(sql).Error; err != nil {
		s.b.Fatal(err)
	}
}

// order places one order of one copy and returns its id.
func (s *benchShop) order() order.ID {
	id := order.NewID()
	card, err := s.cards.Tokenize(goodCard)
	if err == nil {
		ctx := event.WithTrail(context.Background(), event.Trail{CorrelationID: string(id), CausationID: "bench"})
		err = s.commands.Execute(ctx, command.CreateOrder{
			Request: domain.Request{Key: string(id)}, ID: id, Token: s.secret.Token(id), Card: card,
			Customer: order.Customer{Name: "Ada", Email: "ada@example.com", Address: "1 Street"},
			Lines:    []command.Line{{SKU: s.skus[rand.N(len(s.skus))], Quantity: 1}},
		})
	}
	if err != nil {
		s.b.Error(err)
	}
	return id
}

// settle waits until nothing that is due is unsettled.
func (s *benchShop) settle() {
	s.b.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; {
		var due int
		err := s.db.Conn(s.b.Context()).Raw(`SELECT COUNT(*) FROM deliveries WHERE state = 'pending' AND due_at <= ` + s.db.Now()).Scan(&due).Error
		if err != nil || time.Now().After(deadline) {
			s.b.Fatalf("%d deliveries are due: %v", due, err)
		}
		if due == 0 {
			return
		}
		<-time.After(5 * time.Millisecond)
	}
}

// sideBySide runs n jobs by clients goroutines and returns how many a second it did,
// last effects included.
func sideBySide(n, clients int, job func(), settled func()) float64 {
	began := time.Now()
	jobs := make(chan struct{}, n)
	for range n {
		jobs <- struct{}{}
	}
	close(jobs)
	var running sync.WaitGroup
	for range clients {
		running.Go(func() {
			for range jobs {
				job()
			}
		})
	}
	running.Wait()
	settled()
	return float64(n) / time.Since(began).Seconds()
}

// BenchmarkSaturation measures whole orders a second, from CreateOrder to the last mail,
// against the same rows written by bare pgx statements without a broker, in turns.
func BenchmarkSaturation(b *testing.B) {
	const orders, clients, pairs = 1500, 24, 5
	databaseURL := databasetest.PostgresURL(b)
	shop := newBenchShop(b, databaseURL)
	defer shop.stop()
	bare, err := pgxpool.New(b.Context(), databaseURL+"&pool_max_conns=30")
	if err != nil {
		b.Fatal(err)
	}
	defer bare.Close()
	sideBySide(200, clients, func() { shop.order() }, shop.settle) // warm up

	var ours, ceiling, ratio []float64
	var cpu, machine time.Duration
	for range pairs {
		cpuBefore, machineBefore := cpuTime(b), machineTime(b)
		ours = append(ours, sideBySide(orders, clients, func() { shop.order() }, shop.settle))
		cpu += cpuTime(b) - cpuBefore
		machine += machineTime(b) - machineBefore
		ceiling = append(ceiling, sideBySide(orders, clients, func() { bareOrder(b, bare, shop.skus) }, func() {}))
		ratio = append(ratio, ours[len(ours)-1]/ceiling[len(ceiling)-1])
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ours), "orders/s")
	b.ReportMetric(median(ceiling), "bare-orders/s")
	b.ReportMetric(median(ratio), "ratio")
	b.ReportMetric(float64((cpu/(orders*pairs)).Microseconds())/1000, "shop-cpu-ms/order")
	b.ReportMetric(float64((machine/(orders*pairs)).Microseconds())/1000, "machine-cpu-ms/order")
	b.ReportMetric(residentMiB(b), "MiB-under-load")
	fmt.Fprintf(os.Stderr, "orders/s %.0f, bare %.0f, ratios %.2f\n", ours, ceiling, ratio)
}

// BenchmarkIdle measures how long an idle shop takes: one order every 50 ms. A hop is from
// the commit of an event to the end of its first handler.
func BenchmarkIdle(b *testing.B) {
	const orders = 200
	shop := newBenchShop(b, databasetest.PostgresURL(b))
	defer shop.stop()
	sideBySide(50, 4, func() { shop.order() }, shop.settle) // warm up
	b.ReportMetric(residentMiB(b), "MiB-at-rest")
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	var ids []string
	for range orders {
		<-ticker.C
		ids = append(ids, string(shop.order()))
	}
	shop.settle()
	hop := shop.durations(`SELECT MIN(a.finished_at) - e.stored_at FROM events e
		JOIN delivery_attempts a ON a.event_id = e.id AND a.handler = 'stock.UpdateStockOnOrderCreated'
		WHERE e.correlation_id IN (?) GROUP BY e.id, e.stored_at`, ids)
	whole := shop.durations(`SELECT confirmed.stored_at - placed.stored_at FROM events placed
		JOIN events confirmed ON confirmed.correlation_id = placed.correlation_id AND confirmed.type = 'order.OrderConfirmed'
		WHERE placed.type = 'order.OrderCreated' AND placed.correlation_id IN (?)`, ids)
	b.ReportMetric(0, "ns/op")
	for name, sample := range map[string][]float64{"hop": hop, "confirmed": whole} {
		for _, p := range []int{50, 95, 99} {
			b.ReportMetric(sample[len(sample)*p/100], fmt.Sprintf("%s-p%d-ms", name, p))
		}
	}
}

// durations reads microseconds and returns sorted milliseconds.
func (s *benchShop) durations(sql string, ids []string) []float64 {
	s.b.Helper()
	var micros []int64
	if err := s.db.Conn(s.b.Context()).Raw(sql, ids).Scan(&micros).Error; err != nil || len(micros) == 0 {
		s.b.Fatal("no durations: ", err)
	}
	slices.Sort(micros)
	millis := make([]float64, len(micros))
	for i, m := range micros {
		millis[i] = float64(m) / 1000
	}
	return millis
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// cpuTime is what this process has used of the processors.
func cpuTime(b testing.TB) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// machineTime is what everything on this machine has used of the processors, PostgreSQL
// and Redis included.
func machineTime(b testing.TB) time.Duration {
	b.Helper()
	content, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0 // not on Linux: not measured
	}
	var user, nice, system, idle, iowait, irq, softirq int64
	if _, err := fmt.Sscanf(string(content), "cpu %d %d %d %d %d %d %d", &user, &nice, &system, &idle, &iowait, &irq, &softirq); err != nil {
		b.Fatal(err)
	}
	return time.Duration(user+nice+system+irq+softirq) * 10 * time.Millisecond
}

// residentMiB is the memory of this process that is in use.
func residentMiB(b testing.TB) float64 {
	b.Helper()
	content, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0 // not on Linux: not measured
	}
	_, rest, _ := strings.Cut(string(content), "VmRSS:")
	var kib int64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		b.Fatal(err)
	}
	return float64(kib) / 1024
}
