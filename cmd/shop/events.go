package main

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tirage/internal/platform/bus"
	"tirage/internal/platform/delivery"
)

type eventsCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// eventEntry is one event of the catalogue.
type eventEntry struct {
	Event       string            `json:"event"`
	Version     int               `json:"version"`
	Producer    string            `json:"producer"`
	Subscribers []subscriberEntry `json:"subscribers"`
}

type subscriberEntry struct {
	Handler string    `json:"handler"`
	Queue   bus.Queue `json:"queue"`
	Delay   string    `json:"delay"`
	Retries string    `json:"retries"`
}

// Run reads the wiring; it needs neither database nor Redis.
func (c eventsCommand) Run(config *Config, t terminal) error {
	s := &shop{config: config, log: slog.New(slog.DiscardHandler), registry: prometheus.NewRegistry()}
	if err := s.wire(); err != nil {
		return err
	}
	entries := eventCatalogue(s.events, config.delivery())
	if c.JSON {
		return printJSON(t.out, entries)
	}
	return printCatalogue(t.out, entries)
}

func eventCatalogue(events *bus.Events, config delivery.Config) []eventEntry {
	entries := []eventEntry{}
	for _, fact := range events.Published() {
		eventType := fact.EventType()
		producer, _, _ := strings.Cut(eventType.Name, ".")
		entry := eventEntry{Event: eventType.Name, Version: eventType.Version, Producer: producer}
		for _, s := range events.SubscribersOf(eventType) {
			delay := "none"
			if s.Delay > 0 {
				delay = s.Delay.String()
			}
			entry.Subscribers = append(entry.Subscribers, subscriberEntry{
				Handler: s.Handler, Queue: s.Queue, Delay: delay, Retries: retries(config.Policies[s.Queue]),
			})
		}
		entries = append(entries, entry)
	}
	return entries
}

// retries reads like "3: 1s 2s 4s".
func retries(p delivery.Policy) string {
	waits := make([]string, p.MaxRetries)
	for i := range waits {
		waits[i] = p.DelayAfter(i + 1).Round(time.Millisecond).String()
	}
	return strings.TrimSpace(fmt.Sprintf("%d: %s", p.MaxRetries, strings.Join(waits, " ")))
}

func printCatalogue(out io.Writer, entries []eventEntry) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "EVENT\tVERSION\tPRODUCER\tSUBSCRIBER\tQUEUE\tDELAY\tRETRIES")
	for _, e := range entries {
		fmt.Fprintf(table, "%s\t%d\t%s\t", e.Event, e.Version, e.Producer)
		if len(e.Subscribers) == 0 {
			fmt.Fprintln(table, "(none)\t\t\t")
		}
		for i, s := range e.Subscribers {
			if i > 0 {
				fmt.Fprint(table, "\t\t\t")
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", s.Handler, s.Queue, s.Delay, s.Retries)
		}
	}
	return table.Flush()
}
