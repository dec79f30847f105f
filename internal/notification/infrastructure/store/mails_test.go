package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"tirage/internal/notification"
	"tirage/internal/notification/domain"
	"tirage/internal/notification/infrastructure/store"
	"tirage/internal/platform/database"
	"tirage/internal/platform/database/databasetest"
	"tirage/internal/platform/event"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestMailsAreRemembered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, mails *store.Mails, work *database.UnitOfWork) {
		add(t, work, mails, mail(t, "receipt.one", "one", noon.Add(time.Minute)), mail(t, "confirmation.one", "one", noon), mail(t, "confirmation.two", "two", noon))

		for id, want := range map[string]bool{"receipt.one": true, "confirmation.two": true, "receipt.two": false} {
			if sent, err := mails.Sent(t.Context(), id); err != nil || sent != want {
				t.Errorf("%s: sent is %v, %v, want %v", id, sent, err, want)
			}
		}
		about, err := mails.About(t.Context(), "one")
		if err != nil {
			t.Fatal(err)
		}
		want := []notification.Mail{
			{ID: "confirmation.one", OrderID: "one", Template: "confirmation", To: "ada@example.com", Subject: "Hello", Text: "Dear Ada,\n", SentAt: noon},
			{ID: "receipt.one", OrderID: "one", Template: "confirmation", To: "ada@example.com", Subject: "Hello", Text: "Dear Ada,\n", SentAt: noon.Add(time.Minute)},
		}
		if diff := cmp.Diff(want, about); diff != "" {
			t.Errorf("mails about one (-want +got):\n%s", diff)
		}
	})
}

func TestAMailRememberedTwiceIsTheFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, mails *store.Mails, work *database.UnitOfWork) {
		add(t, work, mails, mail(t, "receipt.one", "one", noon))
		add(t, work, mails, mail(t, "receipt.one", "one", noon.Add(time.Hour)))
		about, err := mails.About(t.Context(), "one")
		if err != nil || len(about) != 1 || !about[0].SentAt.Equal(noon) {
			t.Errorf("remembered %+v, %v, want the one of noon", about, err)
		}
	})
}

func TestAMailIsNotRememberedWhenItsUnitOfWorkFails(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, mails *store.Mails, work *database.UnitOfWork) {
		changedMind := errors.New("changed my mind")
		err := work.Do(t.Context(), func(ctx context.Context) error {
			return errors.Join(mails.Add(ctx, mail(t, "receipt.one", "one", noon)), changedMind)
		})
		if !errors.Is(err, changedMind) {
			t.Fatal(err)
		}
		if sent, err := mails.Sent(t.Context(), "receipt.one"); err != nil || sent {
			t.Errorf("sent is %v, %v", sent, err)
		}
	})
}

func TestOfManyWhoRememberAMailSideBySideOneDoes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, mails *store.Mails, work *database.UnitOfWork) {
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				err := work.Do(t.Context(), func(ctx context.Context) error {
					return mails.Add(ctx, mail(t, "receipt.one", "one", noon))
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if about, err := mails.About(t.Context(), "one"); err != nil || len(about) != 1 {
			t.Errorf("%d mails are remembered, %v, want 1", len(about), err)
		}
	})
}

func each(t *testing.T, test func(t *testing.T, mails *store.Mails, work *database.UnitOfWork)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		test(t, store.NewMails(db), database.NewUnitOfWork(db, noEvents{}))
	})
}

// noEvents is the event store of a context that records none.
type noEvents struct{}

func (noEvents) Append(context.Context, *gorm.DB, []event.Envelope) error {
	return errors.New("there should be no events")
}

func add(t *testing.T, work *database.UnitOfWork, mails *store.Mails, all ...domain.Mail) {
	t.Helper()
	err := work.Do(t.Context(), func(ctx context.Context) error {
		for _, m := range all {
			if err := mails.Add(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func mail(t *testing.T, id, orderID string, at time.Time) domain.Mail {
	t.Helper()
	to, err := domain.ParseEmailAddress("ada@example.com")
	if err != nil {
		t.Fatal(err)
	}
	return domain.Mail{SentAt: at, Message: domain.Message{
		ID: id, OrderID: orderID, Template: domain.Confirmation, To: to, Subject: "Hello", Text: "Dear Ada,\n",
	}}
}
