package simulator

import (
	"crypto/rand"
	"fmt"
	"strings"

	"tirage/internal/order/domain"
)

// Card is a demonstration card.
type Card struct {
	Number string `json:"number"`
	Does   string `json:"does" doc:"What happens to a payment with this card"`

	behaviour behaviour
}

// behaviour is what a card makes the provider do. It is written into the card's token.
type behaviour string

const (
	approves behaviour = "approved"
	declines behaviour = "declined"
	outage   behaviour = "outage"
	timeout  behaviour = "timeout"
	broken   behaviour = "broken"
)

// Cards lists the cards that the simulator knows. It refuses every other, so that nobody
// types a real one into a demonstration.
func Cards() []Card {
	return []Card{
		{"4242 4242 4242 4242", "is approved", approves},
		{"4000 0000 0000 0002", "is declined", declines},
		{"4000 0000 0000 0119", "finds the provider down twice, then is approved", outage},
		{"4000 0000 0000 0341", "is charged, but the answer is lost once: only trying again tells", timeout},
		{"4000 0000 0000 0069", "breaks the provider for good: the payment goes to the failed messages", broken},
	}
}

// Tokenize turns a card number, spaces and dashes allowed, into a token. It stores
// nothing. It fails with domain.ErrInvalidCard for a number that is mistyped, or that is
// not one of Cards.
func (s *Simulator) Tokenize(number string) (domain.CardToken, error) {
	digits := digitsOf(number)
	if !luhn(digits) {
		return domain.CardToken{}, fmt.Errorf("%w: the number is mistyped", domain.ErrInvalidCard)
	}
	for _, card := range Cards() {
		if digitsOf(card.Number) == digits {
			return domain.ParseCardToken(fmt.Sprintf("tok_%s_%s", card.behaviour, rand.Text()))
		}
	}
	return domain.CardToken{}, fmt.Errorf("%w: only the demonstration's cards are taken here", domain.ErrInvalidCard)
}

// behaviourOf reads what Tokenize wrote; "" for a token of somebody else's.
func behaviourOf(token domain.CardToken) behaviour {
	parts := strings.Split(token.String(), "_")
	if len(parts) != 3 || parts[0] != "tok" {
		return ""
	}
	return behaviour(parts[1])
}

func digitsOf(number string) string {
	return strings.NewReplacer(" ", "", "-", "").Replace(number)
}

// luhn tells whether digits are a card number without a typing error: 12 to 19 digits,
// the last of which checks the others (ISO/IEC 7812).
func luhn(digits string) bool {
	if len(digits) < 12 || len(digits) > 19 {
		return false
	}
	sum := 0
	for i, r := range digits {
		if r < '0' || r > '9' {
			return false
		}
		d := int(r - '0')
		if (len(digits)-i)%2 == 0 { // every second digit, from the right
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
