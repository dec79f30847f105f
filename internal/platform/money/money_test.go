package money_test

import (
	"errors"
	"testing"

	"tirage/internal/platform/money"
)

func TestPlusAddsOneCurrencyOnly(t *testing.T) {
	t.Parallel()
	sum, err := money.EUR(100).Plus(money.EUR(23))
	if err != nil || sum != money.EUR(123) {
		t.Errorf("1.00 and 0.23 EUR are %v, %v", sum, err)
	}
	if _, err := money.EUR(100).Plus(money.Amount{Minor: 100, Currency: "JPY"}); !errors.Is(err, money.ErrCurrencyMismatch) {
		t.Errorf("EUR and JPY: got %v, want ErrCurrencyMismatch", err)
	}
}

func TestTheZeroAmountAddsToAnything(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]money.Amount{{{}, money.EUR(5)}, {money.EUR(5), {}}} {
		if sum, err := pair[0].Plus(pair[1]); err != nil || sum != money.EUR(5) {
			t.Errorf("%v and %v are %v, %v", pair[0], pair[1], sum, err)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	if got := money.EUR(1250).Times(3); got != money.EUR(3750) {
		t.Errorf("3 times 12.50 EUR is %v", got)
	}
}

func TestStringReadsAsAPrice(t *testing.T) {
	t.Parallel()
	for amount, want := range map[money.Amount]string{
		money.EUR(12000): "120.00 EUR",
		money.EUR(5):     "0.05 EUR",
		money.EUR(-1205): "-12.05 EUR",
	} {
		if got := amount.String(); got != want {
			t.Errorf("%d cents read %q, want %q", amount.Minor, got, want)
		}
	}
}
