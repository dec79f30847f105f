package e2e_test

// eventView is an event of an order's timeline, as its customer may see it.
type eventView struct {
	ID            string         `json:"id"`
	Type          string         `json:"type"`
	AggregateID   string         `json:"aggregate_id"`
	CorrelationID string         `json:"correlation_id"`
	CausationID   string         `json:"causation_id"`
	Deliveries    []deliveryView `json:"deliveries"`
}

type deliveryView struct {
	Handler  string        `json:"handler"`
	Queue    string        `json:"queue"`
	State    string        `json:"state"`
	Attempts []attemptView `json:"attempts"`
}

type attemptView struct {
	Attempt int    `json:"attempt"`
	Outcome string `json:"outcome"`
	Error   string `json:"error"`
}

// timeline reads all that followed from an order, in the order it happened.
func (s *shop) timeline(p placed) (events []eventView) {
	s.t.Helper()
	s.read("/api/v1/orders/"+p.Token+"/timeline", &events)
	return events
}

// cause is one step of a story: an event and what directly caused it, "request" or another
// type of event.
type cause struct{ event, by string }

// story tells a timeline as its steps, but for the news of stock running low or coming
// back, which any order may bring. It ends the test when an event is of another
// conversation, or was caused by something that is not in the timeline before it; requests
// are the X-Request-Ids that may stand at the beginning of a step.
func (s *shop) story(p placed, requests ...string) (steps []cause) {
	s.t.Helper()
	known := map[string]string{}
	for _, request := range requests {
		known[request] = "request"
	}
	for _, e := range s.timeline(p) {
		if e.CorrelationID != p.ID {
			s.t.Fatalf("%s %s has the correlation id %s, not the order's", e.Type, e.ID, e.CorrelationID)
		}
		by, ok := known[e.CausationID]
		if !ok {
			s.t.Fatalf("%s %s was caused by %q, which is nothing that came before", e.Type, e.ID, e.CausationID)
		}
		known[e.ID] = e.Type
		if e.Type != "stock.StockRanLow" && e.Type != "stock.StockReplenished" {
			steps = append(steps, cause{e.Type, by})
		}
	}
	return steps
}
