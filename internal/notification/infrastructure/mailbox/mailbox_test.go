package mailbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2/humatest"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gorm.io/gorm"

	"tirage/internal/notification/application/eventhandler"
	"tirage/internal/notification/domain"
	"tirage/internal/notification/infrastructure/mailbox"
	"tirage/internal/notification/infrastructure/store"
	"tirage/internal/order"
	"tirage/internal/platform/bus"
	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
	"tirage/internal/platform/event"
)

func TestALetterHandedInAgainIsCounted(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		box := mailbox.New(db)
		for _, m := range []domain.Message{message(t, "receipt.one", "one"), message(t, "receipt.two", "two"), message(t, "receipt.one", "one")} {
			if err := box.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		want := []mailbox.Letter{
			{MessageID: "receipt.two", OrderID: "two", Template: "receipt", To: "ada@example.com", Subject: "Hello", Text: "Dear Ada,\n", Copies: 1},
			{MessageID: "receipt.one", OrderID: "one", Template: "receipt", To: "ada@example.com", Subject: "Hello", Text: "Dear Ada,\n", Copies: 2},
		}
		if diff := cmp.Diff(want, letters(t, box, ""), ignoreTime); diff != "" {
			t.Errorf("letters, newest first (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want[1:], letters(t, box, "one"), ignoreTime); diff != "" {
			t.Errorf("letters about one (-want +got):\n%s", diff)
		}
	})
}

// Twenty workers run the same delivery at once, as may happen when leases expire. Some
// call the post at the same time; it is one letter all the same, and is remembered once.
func TestAHandlerRunSideBySideMakesOneLetter(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		box, mails, work := mailbox.New(db), store.NewMails(db), database.NewUnitOfWork(db, noEvents{})
		queries := bus.NewQueries()
		bus.Answer(queries, func(_ context.Context, q order.GetOrder) (order.View, error) {
			return order.View{ID: q.ID, Status: order.Placed, Customer: order.Customer{Name: "Ada", Email: "ada@example.com"}}, nil
		})
		h := eventhandler.NewSendConfirmationOnOrderCreated(eventhandler.NewPost(queries, box, mails))
		e := order.OrderCreated{OrderID: "one"}
		handle := func() error {
			outcome, err := h.Call(t.Context(), e)
			if err != nil {
				return err
			}
			return work.Do(t.Context(), func(ctx context.Context) error { return h.Complete(ctx, e, outcome) })
		}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if err := handle(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		received := letters(t, box, "one")
		if len(received) != 1 {
			t.Fatalf("%d letters, want 1", len(received))
		}
		if err := handle(); err != nil { // and late once more
			t.Fatal(err)
		}
		if again := letters(t, box, "one"); len(again) != 1 || again[0].Copies != received[0].Copies {
			t.Errorf("once remembered, it was handed in again: %+v", again)
		}
		if about, err := mails.About(t.Context(), "one"); err != nil || len(about) != 1 {
			t.Errorf("%d mails are remembered, %v, want 1", len(about), err)
		}
	})
}

func TestTheMailboxIsRead(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		box := mailbox.New(db)
		_, server := humatest.New(t)
		box.Register(server)
		for _, id := range []string{"one", "two"} {
			if err := box.Send(t.Context(), message(t, "receipt."+id, id)); err != nil {
				t.Fatal(err)
			}
		}
		response := server.Get("/api/v1/mailbox?order_id=two")
		var got struct{ Letters []mailbox.Letter }
		if err := json.Unmarshal(response.Body.Bytes(), &got); err != nil || response.Code != http.StatusOK {
			t.Fatalf("status %d, %v: %s", response.Code, err, response.Body)
		}
		if diff := cmp.Diff(letters(t, box, "two"), got.Letters); diff != "" || len(got.Letters) != 1 {
			t.Errorf("letters (-want +got):\n%s", diff)
		}
		if age := time.Since(got.Letters[0].ReceivedAt).Abs(); age > time.Minute {
			t.Errorf("received %s ago", age)
		}
	})
}

var ignoreTime = cmpopts.IgnoreFields(mailbox.Letter{}, "ReceivedAt")

func letters(t *testing.T, box *mailbox.Mailbox, orderID string) []mailbox.Letter {
	t.Helper()
	all, err := box.Letters(t.Context(), orderID)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func message(t *testing.T, id, orderID string) domain.Message {
	t.Helper()
	to, err := domain.ParseEmailAddress("ada@example.com")
	if err != nil {
		t.Fatal(err)
	}
	return domain.Message{ID: id, OrderID: orderID, Template: domain.Receipt, To: to, Subject: "Hello", Text: "Dear Ada,\n"}
}

// noEvents is the event store of a context that records none.
type noEvents struct{}

func (noEvents) Append(context.Context, *gorm.DB, []event.Envelope) error {
	return errors.New("there should be no events")
}
