package ops

import (
	"encoding/json"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tirage/internal/platform/database"
	"tirage/internal/platform/delivery"
)

// Endpoints is what machines ask, by path: /healthz (the process is alive), /readyz (it
// can sell: with Redis away it is degraded but ready, for orders wait in the ledger) and
// /metrics.
func Endpoints(db *database.DB, broker *delivery.Broker, registry *prometheus.Registry) map[string]http.Handler {
	return map[string]http.Handler{
		"/healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			answer(w, http.StatusOK, map[string]string{"status": "alive"})
		}),
		"/readyz":  ready(db, broker),
		"/metrics": promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
	}
}

func ready(db *database.DB, broker *delivery.Broker) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := db.Ping(r.Context()); err != nil {
			answer(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready", "database": "away"})
			return
		}
		if err := broker.Ping(r.Context()); err != nil {
			answer(w, http.StatusOK, map[string]string{"status": "degraded", "database": "ok", "redis": "away"})
			return
		}
		answer(w, http.StatusOK, map[string]string{"status": "ready", "database": "ok", "redis": "ok"})
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// Whoever asked may be gone; there is nobody else to tell.
	_ = json.NewEncoder(w).Encode(body)
}
