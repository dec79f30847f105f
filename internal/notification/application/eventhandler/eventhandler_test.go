package eventhandler_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/notification/application/eventhandler"
	"tirage/internal/notification/domain"
	"tirage/internal/order"
	"tirage/internal/platform/bus"
	"tirage/internal/platform/money"
	"tirage/internal/stock"
)

// Each mail goes out while it tells the truth, and at no other time.
func TestWhoHearsWhat(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		order order.View
		event any
		want  string // the ID of the one mail sent, "" for none
	}{
		"placed":                            {in(order.Placed), order.OrderCreated{OrderID: "one"}, "confirmation.one"},
		"placed, paid meanwhile":            {in(order.Confirmed), order.OrderCreated{OrderID: "one"}, "confirmation.one"},
		"placed, cancelled meanwhile":       {in(order.Cancelled), order.OrderCreated{OrderID: "one"}, ""},
		"placed, refunded meanwhile":        {in(order.Refunded), order.OrderCreated{OrderID: "one"}, ""},
		"declined":                          {in(order.Reserved, "p1"), order.PaymentDeclined{OrderID: "one", PaymentID: "p1"}, "another-card.one.p1"},
		"declined again":                    {in(order.Reserved, "p1", "p2"), order.PaymentDeclined{OrderID: "one", PaymentID: "p2"}, "another-card.one.p2"},
		"declined, tried again meanwhile":   {in(order.Reserved, "p1", "p2"), order.PaymentDeclined{OrderID: "one", PaymentID: "p1"}, ""},
		"declined, paid meanwhile":          {in(order.Paid, "p1", "p2"), order.PaymentDeclined{OrderID: "one", PaymentID: "p1"}, ""},
		"declined, cancelled meanwhile":     {in(order.Cancelled, "p1"), order.PaymentDeclined{OrderID: "one", PaymentID: "p1"}, ""},
		"declined, the time to pay is over": {late(in(order.Reserved, "p1")), order.PaymentDeclined{OrderID: "one", PaymentID: "p1"}, ""},
		"confirmed":                         {in(order.Confirmed, "p1"), order.OrderConfirmed{OrderID: "one"}, "receipt.one"},
		"confirmed, shipped meanwhile":      {in(order.Shipped, "p1"), order.OrderConfirmed{OrderID: "one"}, "receipt.one"},
		"confirmed, refunded meanwhile":     {in(order.Refunded, "p1"), order.OrderConfirmed{OrderID: "one"}, ""},
		"cancelled":                         {in(order.Cancelled), order.OrderCancelled{OrderID: "one", Reason: order.SoldOut}, "cancellation.one"},
		"refunded":                          {in(order.Refunded, "p1"), order.PaymentRefunded{OrderID: "one", PaymentID: "p1"}, "refund-notice.one.p1"},
		"refunded after a cancellation":     {in(order.Cancelled, "p1"), order.PaymentRefunded{OrderID: "one", PaymentID: "p1"}, "refund-notice.one.p1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(c.order)
			if err := o.handle(t.Context(), c.event); err != nil {
				t.Fatal(err)
			}
			o.want(t, c.want)
		})
	}
}

func TestRunTwiceAMailIsSentOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(in(order.Placed))
	for range 2 {
		if err := o.handle(t.Context(), order.OrderCreated{OrderID: "one"}); err != nil {
			t.Fatal(err)
		}
	}
	o.want(t, "confirmation.one")
}

// The call is made again after a crash: under the same ID, so that it is one mail.
func TestACallThatIsMadeAgainSendsTheSameMail(t *testing.T) {
	t.Parallel()
	o := newOffice(in(order.Placed))
	h := eventhandler.NewSendConfirmationOnOrderCreated(o.post)
	for range 2 {
		if _, err := h.Call(t.Context(), order.OrderCreated{OrderID: "one"}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"confirmation.one", "confirmation.one"}, o.sent); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

func TestTheCancellationGivesTheReasonOfTheEvent(t *testing.T) {
	t.Parallel()
	for reason, words := range map[order.Reason]string{
		order.SoldOut: "sold out", order.Unpaid: "in time", order.ByCustomer: "As you wished", "flood": "We had to",
	} {
		o := newOffice(in(order.Cancelled))
		if err := o.handle(t.Context(), order.OrderCancelled{OrderID: "one", Reason: reason}); err != nil {
			t.Fatal(err)
		}
		if text := o.text; !strings.Contains(text, words) {
			t.Errorf("%s does not say %q:\n%s", reason, words, text)
		}
	}
}

func TestTheReceiptWaitsForEveryNumber(t *testing.T) {
	t.Parallel()
	o := newOffice(in(order.Confirmed))
	o.editions = nil
	if err := o.handle(t.Context(), order.OrderConfirmed{OrderID: "one"}); err == nil || bus.IsPermanent(err) {
		t.Errorf("got %v, want an error that is not permanent", err)
	}
	o.want(t, "")
}

func TestAnAddressThatCannotBeWrittenToIsPermanentAndNotTold(t *testing.T) {
	t.Parallel()
	view := in(order.Placed)
	view.Customer.Email = "ada@example.com\r\nBcc: eve@example.com"
	o := newOffice(view)
	err := o.handle(t.Context(), order.OrderCreated{OrderID: "one"})
	if !bus.IsPermanent(err) || !errors.Is(err, domain.ErrInvalidAddress) || strings.Contains(err.Error(), "@") {
		t.Errorf("got %v, want a permanent ErrInvalidAddress without the address", err)
	}
}

func TestAMailThatCouldNotBeSentIsNotRemembered(t *testing.T) {
	t.Parallel()
	o := newOffice(in(order.Placed))
	o.fail = errors.New("the post is on strike")
	if err := o.handle(t.Context(), order.OrderCreated{OrderID: "one"}); !errors.Is(err, o.fail) {
		t.Errorf("got %v, want %v", err, o.fail)
	}
	o.want(t, "")
}

func TestAnUnknownOrderIsAnError(t *testing.T) {
	t.Parallel()
	o := newOffice(in(order.Placed))
	if err := o.handle(t.Context(), order.OrderCreated{OrderID: "two"}); !errors.Is(err, order.ErrNotFound) {
		t.Errorf("got %v, want order.ErrNotFound", err)
	}
}

// in is an order at a status, with the payments that were tried.
func in(status order.Status, payments ...order.PaymentID) order.View {
	view := order.View{
		ID: "one", Status: status, Customer: order.Customer{Name: "Ada", Email: "ada@example.com"},
		Lines: []order.Line{{SKU: "TIDE-03-M", Title: "Undertow", Size: "50 × 70 cm", Quantity: 1, Price: money.EUR(24000)}},
		Total: money.EUR(24000), PayBy: time.Now().Add(time.Hour),
	}
	for _, id := range payments {
		view.Payments = append(view.Payments, order.Payment{ID: id})
	}
	return view
}

func late(view order.View) order.View {
	view.PayBy = time.Now().Add(-time.Second)
	return view
}

// office is the world around the handlers, in memory.
type office struct {
	post     *eventhandler.Post
	editions []stock.Edition
	fail     error

	mu         sync.Mutex
	sent       []string
	text       string // of the last mail
	remembered map[string]bool
}

func newOffice(view order.View) *office {
	o := &office{remembered: map[string]bool{}, editions: []stock.Edition{{SKU: "TIDE-03-M", Number: 7, EditionSize: 10}}}
	queries := bus.NewQueries()
	bus.Answer(queries, func(_ context.Context, q order.GetOrder) (order.View, error) {
		if q.ID != view.ID {
			return order.View{}, order.ErrNotFound
		}
		return view, nil
	})
	bus.Answer(queries, func(context.Context, stock.GetEditions) ([]stock.Edition, error) { return o.editions, nil })
	o.post = eventhandler.NewPost(queries, o, o)
	return o
}

// Send implements eventhandler.Mailer.
func (o *office) Send(_ context.Context, m domain.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail == nil {
		o.sent, o.text = append(o.sent, m.ID), m.Text
	}
	return o.fail
}

// Sent implements domain.Mails.
func (o *office) Sent(_ context.Context, id string) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.remembered[id], nil
}

// Add implements domain.Mails.
func (o *office) Add(_ context.Context, m domain.Mail) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.remembered[m.ID] = true
	return nil
}

// handle runs the handler of an event as the worker does: the call, then its completion.
func (o *office) handle(ctx context.Context, e any) error {
	switch e := e.(type) {
	case order.OrderCreated:
		return run(ctx, eventhandler.NewSendConfirmationOnOrderCreated(o.post), e)
	case order.PaymentDeclined:
		return run(ctx, eventhandler.NewAskForAnotherCardOnPaymentDeclined(o.post), e)
	case order.OrderConfirmed:
		return run(ctx, eventhandler.NewSendReceiptOnOrderConfirmed(o.post), e)
	case order.OrderCancelled:
		return run(ctx, eventhandler.NewSendCancellationOnOrderCancelled(o.post), e)
	case order.PaymentRefunded:
		return run(ctx, eventhandler.NewSendRefundNoticeOnPaymentRefunded(o.post), e)
	}
	return errors.New("no handler")
}

type handler[E any] interface {
	Call(ctx context.Context, e E) (eventhandler.Outcome, error)
	Complete(ctx context.Context, e E, outcome eventhandler.Outcome) error
}

func run[E any](ctx context.Context, h handler[E], e E) error {
	outcome, err := h.Call(ctx, e)
	if err != nil {
		return err
	}
	return h.Complete(ctx, e, outcome)
}

// want checks that one mail was sent and is remembered, or with "" none.
func (o *office) want(t *testing.T, id string) {
	t.Helper()
	var sent []string
	remembered := map[string]bool{}
	if id != "" {
		sent, remembered = []string{id}, map[string]bool{id: true}
	}
	if diff := cmp.Diff(sent, o.sent); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(remembered, o.remembered); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
}
