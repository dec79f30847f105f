package domain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tirage/internal/notification/domain"
	"tirage/internal/platform/money"
)

func TestTheReceipt(t *testing.T) {
	t.Parallel()
	got := domain.ReceiptOf(anOrder(t), []domain.Edition{
		{SKU: "TIDE-03-M", Number: 7, Size: 10}, {SKU: "MOSS-01-S", Number: 1, Size: 50}, {SKU: "MOSS-01-S", Number: 2, Size: 50},
	})
	want := `Dear Ada Lovelace,

Your payment has arrived. These copies are yours:

Order one
  1 × Undertow, 50 × 70 cm: 240.00 EUR
      copy 7 of 10
  2 × Spores, 30 × 40 cm: 180.00 EUR
      copy 1 of 50
      copy 2 of 50
  Total: 420.00 EUR

Thank you for giving them a wall.

Tirage
`
	if diff := cmp.Diff(want, got.Text); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	if got.ID != "receipt.one" || got.OrderID != "one" || got.Template != domain.Receipt || got.To.String() != "ada@example.com" {
		t.Errorf("message %+v", got)
	}
}

func TestEveryMailNamesItsOrderAndItsTotal(t *testing.T) {
	t.Parallel()
	o := anOrder(t)
	for _, m := range []domain.Message{
		domain.ConfirmationOf(o), domain.AnotherCardFor(o, "payment"), domain.ReceiptOf(o, nil),
		domain.CancellationOf(o, domain.SoldOut), domain.RefundNoticeFor(o, "payment"),
	} {
		for _, part := range []string{"Dear Ada Lovelace,\n", "Order one\n", "420.00 EUR"} {
			if !strings.Contains(m.Text, part) {
				t.Errorf("%s does not say %q:\n%s", m.Template, part, m.Text)
			}
		}
		if m.Subject == "" || strings.ContainsAny(m.Subject, "\r\n") {
			t.Errorf("%s has the subject %q", m.Template, m.Subject)
		}
	}
}

func TestAMailHasOneIDPerOrderOrPayment(t *testing.T) {
	t.Parallel()
	o := anOrder(t)
	for m, want := range map[domain.Message]string{
		domain.ConfirmationOf(o):                   "confirmation.one",
		domain.CancellationOf(o, domain.Unpaid):    "cancellation.one",
		domain.AnotherCardFor(o, "first payment"):  "another-card.one.first payment",
		domain.AnotherCardFor(o, "second payment"): "another-card.one.second payment",
		domain.RefundNoticeFor(o, "first payment"): "refund-notice.one.first payment",
	} {
		if m.ID != want {
			t.Errorf("%s has the ID %q, want %q", m.Template, m.ID, want)
		}
	}
}

func TestTheCancellationSaysWhy(t *testing.T) {
	t.Parallel()
	for reason, words := range map[domain.CancellationReason]string{
		domain.SoldOut:     "sold out",
		domain.Unpaid:      "did not arrive in time",
		domain.ByCustomer:  "As you wished",
		domain.OtherReason: "We had to cancel your order.",
	} {
		if m := domain.CancellationOf(anOrder(t), reason); !strings.Contains(m.Text, words) {
			t.Errorf("reason %d does not say %q:\n%s", reason, words, m.Text)
		}
	}
}

func TestAnotherCardSaysUntilWhen(t *testing.T) {
	t.Parallel()
	if m := domain.AnotherCardFor(anOrder(t), "payment"); !strings.Contains(m.Text, "until 14:05 on 23 November 2026 (UTC)") {
		t.Errorf("no time in:\n%s", m.Text)
	}
}

func TestParseEmailAddress(t *testing.T) {
	t.Parallel()
	for _, right := range []string{"ada@example.com", "ada+prints@mail.example.com", "o'hara@example.com", "zoë@example.com"} {
		if a, err := domain.ParseEmailAddress(right); err != nil || a.String() != right {
			t.Errorf("%q: %v, %v", right, a, err)
		}
	}
	for _, wrong := range []string{
		"", "ada", "ada@", "@example.com", "Ada <ada@example.com>", "<ada@example.com>", "ada@example.com, eve@example.com",
		"ada@example.com\r\nBcc: eve@example.com", "ada@exa\nmple.com", " ada@example.com", "ada@example.com (Ada)", "ada\x00@example.com",
	} {
		if _, err := domain.ParseEmailAddress(wrong); err != domain.ErrInvalidAddress { //nolint:errorlint // nothing may be wrapped: it would tell the address
			t.Errorf("%q: got %v, want ErrInvalidAddress and nothing else", wrong, err)
		}
	}
}

func anOrder(t *testing.T) domain.Order {
	t.Helper()
	to, err := domain.ParseEmailAddress("ada@example.com")
	if err != nil {
		t.Fatal(err)
	}
	return domain.Order{
		ID: "one", Customer: "Ada Lovelace", To: to,
		Lines: []domain.Line{
			{SKU: "TIDE-03-M", Title: "Undertow", Size: "50 × 70 cm", Quantity: 1, Price: money.EUR(24000)},
			{SKU: "MOSS-01-S", Title: "Spores", Size: "30 × 40 cm", Quantity: 2, Price: money.EUR(9000)},
		},
		Total: money.EUR(42000),
		PayBy: time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC),
	}
}
