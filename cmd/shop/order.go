package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tirage/internal/order"
	"tirage/internal/platform/delivery"
	"tirage/internal/stock"
)

type orderCommand struct {
	URL      string        `name:"url" default:"http://127.0.0.1:8080" env:"SHOP_URL" help:"The running shop."`
	SKU      string        `name:"sku" help:"What to order; without one, something that is available."`
	Quantity int           `default:"1" help:"How many copies."`
	Card     string        `default:"4242 4242 4242 4242" help:"Card number; GET /api/v1/payment/cards tells what each does."`
	Wait     time.Duration `default:"30s" help:"How long to watch."`
	JSON     bool          `name:"json" help:"Print the order, its editions and its timeline as JSON at the end."`
}

// orderReport is what --json prints.
type orderReport struct {
	Order    order.View           `json:"order"`
	Editions []stock.Edition      `json:"editions"`
	Timeline []delivery.EventView `json:"timeline"`
}

// Run exits with 0 when the order is confirmed, 3 when it was refused, 1 on an error.
func (c orderCommand) Run(ctx context.Context, t terminal) error {
	ctx, cancel := context.WithTimeout(ctx, c.Wait)
	defer cancel()
	client := shopClient{url: c.URL}
	if c.SKU == "" {
		var err error
		if c.SKU, err = client.anySKU(ctx, c.Quantity); err != nil {
			return err
		}
	}
	token, err := client.placeOrder(ctx, c.SKU, c.Quantity, c.Card)
	if err != nil {
		return err
	}
	progress := t.out
	if c.JSON {
		progress = io.Discard
	}
	report, err := c.watch(ctx, client, token, progress)
	if c.JSON {
		err = errors.Join(err, printJSON(t.out, report))
	} else {
		fmt.Fprintln(t.out, report.summary())
	}
	return err
}

// watch prints what happens to the order until its end is decided and everything due
// has been done.
func (c orderCommand) watch(ctx context.Context, client shopClient, token string, out io.Writer) (orderReport, error) {
	var report orderReport
	printer := timelinePrinter{out: out}
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		latest, err := client.report(ctx, token)
		if err != nil && ctx.Err() == nil {
			return report, err
		}
		if err == nil {
			report = latest
			printer.print(report.Timeline)
			if over, result := report.result(); over {
				return report, result
			}
		}
		select {
		case <-ctx.Done():
			return report, fmt.Errorf("after %s the order is not settled (%s); the shop goes on with it", c.Wait, cmp.Or(report.Order.Status, order.Placed))
		case <-ticker.C:
		}
	}
}

// result tells whether the order is settled and nothing is due any more, and how it
// ended.
func (r orderReport) result() (over bool, err error) {
	switch {
	case r.busy():
		return false, nil
	case r.Order.Status == order.Confirmed, r.Order.Status == order.Shipped:
		return true, nil
	case r.Order.Status == order.Cancelled, r.Order.Status == order.Refunded:
		return true, fmt.Errorf("%w: %s", errRefused, r.Order.Reason)
	case r.declined():
		return true, fmt.Errorf("%w: the card was declined", errRefused)
	}
	if dead := r.dead(); dead != "" {
		return true, fmt.Errorf("the order is stuck: %s is dead; `shop failed` shows and repairs it", dead)
	}
	return false, nil
}

// dead names a delivery that will not be tried again by itself.
func (r orderReport) dead() string {
	for _, e := range r.Timeline {
		for _, d := range e.Deliveries {
			if d.State == delivery.Dead {
				return delivery.ID{EventID: e.ID, Handler: d.Handler}.String()
			}
		}
	}
	return ""
}

// busy reports whether a delivery is due, or is being tried again, and not settled.
func (r orderReport) busy() bool {
	for _, e := range r.Timeline {
		for _, d := range e.Deliveries {
			if d.State == delivery.Pending && (len(d.Attempts) > 0 || !d.DueAt.After(time.Now())) {
				return true
			}
		}
	}
	return false
}

func (r orderReport) declined() bool {
	n := len(r.Order.Payments)
	return r.Order.Status == order.Reserved && n > 0 && r.Order.Payments[n-1].Status == order.PaymentRefused
}

func (r orderReport) summary() string {
	lines := []string{fmt.Sprintf("Order %s is %s", r.Order.ID, r.Order.Status)}
	if r.Order.Reason != "" {
		lines[0] += fmt.Sprintf(" (%s)", r.Order.Reason)
	}
	for _, e := range r.Editions {
		lines = append(lines, fmt.Sprintf("Yours is %s %d/%d", e.SKU, e.Number, e.EditionSize))
	}
	return strings.Join(lines, "\n")
}

// timelinePrinter prints what is new in a timeline.
type timelinePrinter struct {
	out     io.Writer
	printed map[string]bool
}

func (p *timelinePrinter) print(timeline []delivery.EventView) {
	for _, e := range timeline {
		p.once(e.ID, "%s  %s\n", clock(e.OccurredAt.Time), e.Type)
		for _, d := range e.Deliveries {
			for _, a := range d.Attempts {
				line := fmt.Sprintf("%s    %s: %s in %s", clock(a.FinishedAt.Time), d.Handler, a.Outcome,
					a.FinishedAt.Sub(a.StartedAt.Time).Round(10*time.Microsecond))
				if a.Error != "" {
					line += ", attempt " + fmt.Sprint(a.Attempt) + ": " + firstLine(a.Error)
				}
				p.once(fmt.Sprint(e.ID, d.Handler, a.Generation, a.Attempt), "%s\n", line)
			}
		}
	}
}

func (p *timelinePrinter) once(key, format string, args ...any) {
	if p.printed == nil {
		p.printed = map[string]bool{}
	}
	if !p.printed[key] {
		p.printed[key] = true
		fmt.Fprintf(p.out, format, args...)
	}
}

func clock(t time.Time) string { return t.Local().Format("15:04:05.000") }
