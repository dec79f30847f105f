package domain_test

import (
	"strings"
	"testing"

	"tirage/internal/order/domain"
)

func TestQuantity(t *testing.T) {
	t.Parallel()
	for _, bad := range []int{-1, 0, 21, 1000} {
		_, err := domain.NewQuantity(bad)
		expectError(t, err, domain.ErrInvalidQuantity)
	}
	for _, good := range []int{1, 20} {
		q, err := domain.NewQuantity(good)
		must(t, err)
		if q.Int() != good {
			t.Errorf("%d became %d", good, q.Int())
		}
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"ada@example.com", " ada+prints@mail.example.co.uk ", "o'neil@example.com"} {
		email, err := domain.ParseEmail(good)
		must(t, err)
		if email.String() != strings.TrimSpace(good) {
			t.Errorf("%q became %q", good, email)
		}
	}
	for _, bad := range []string{
		"", "ada", "@example.com", "ada@", "a b@example.com", "Ada <ada@example.com>", "<ada@example.com>",
		"ada@example.com, eve@example.com", "ada@example.com (Ada)", "ada@example.com\r\nBcc: eve@example.com",
		"ada@example.com\n", "ada\x00@example.com", "ada@exam\tple.com", "\xff@example.com",
		strings.Repeat("a", 243) + "@example.com",
	} {
		_, err := domain.ParseEmail(bad)
		expectError(t, err, domain.ErrInvalidEmail)
	}
}

func TestCustomer(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", domain.MaxName)
	if _, err := domain.NewCustomer(long, "ada@example.com", "Line 1\r\nLine 2"); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]error{
		"": domain.ErrInvalidName, "  ": domain.ErrInvalidName, long + "é": domain.ErrInvalidName,
		"Ada\nBcc: eve@example.com": domain.ErrInvalidName, "Ada\u2028": nil, "A\u2028da": domain.ErrInvalidName,
	} {
		_, err := domain.NewCustomer(name, "ada@example.com", "London")
		expectError(t, err, want)
	}
	for _, address := range []string{"", " \n", "London\x00", "Lon\rdon", strings.Repeat("x", domain.MaxAddress+1)} {
		_, err := domain.NewCustomer("Ada", "ada@example.com", address)
		expectError(t, err, domain.ErrInvalidAddress)
	}
}

func TestCardToken(t *testing.T) {
	t.Parallel()
	if _, err := domain.ParseCardToken("tok_approved_X"); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "4242424242424242", "4242-4242-4242-4242", "4242 4242 4242 4242", "tok\n", "tök", strings.Repeat("x", 201)} {
		_, err := domain.ParseCardToken(bad)
		expectError(t, err, domain.ErrInvalidCard)
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	secret, other := newSecret(t, "a secret of thirty-two bytes, at least"), newSecret(t, "another secret of thirty-two bytes")
	one, two := secret.Token("o1"), secret.Token("o2")
	if one == two || one != secret.Token("o1") || one == other.Token("o1") || len(one) != 32 {
		t.Errorf("tokens %q and %q", one, two)
	}
	if one.Hash() == two.Hash() || one.Hash() != domain.Token(string(one)).Hash() || strings.Contains(one.Hash(), string(one)) {
		t.Error("the hash does not stand for the token alone")
	}
	_, err := domain.NewSecret(strings.Repeat("x", domain.MinSecret-1))
	expectError(t, err, domain.ErrInvalidSecret)
	if (domain.Secret{}).Token("o1") != "" {
		t.Error("a token is made without a secret")
	}
}

func newSecret(t *testing.T, text string) domain.Secret {
	t.Helper()
	secret, err := domain.NewSecret(text)
	must(t, err)
	return secret
}

func TestRequest(t *testing.T) {
	t.Parallel()
	secret, other := newSecret(t, "a secret of thirty-two bytes, at least"), newSecret(t, "another secret of thirty-two bytes")
	request := func(key, content string, secret domain.Secret) domain.Request {
		r, err := domain.NewRequest(key, []byte(content), secret)
		must(t, err)
		return r
	}
	first := request("key", "content", secret)
	must(t, first.Check(request("key", "content", secret)))
	expectError(t, first.Check(request("key", "other", secret)), domain.ErrKeyReused)
	if first.Key != request("key", "other", other).Key || first.Key == request("key2", "content", secret).Key {
		t.Error("the key is not recognised by itself")
	}
	if first.Content == request("key", "content", other).Content {
		t.Error("a hash that anybody can make would not hide a card number")
	}
	_, err := domain.NewRequest("", nil, secret)
	expectError(t, err, domain.ErrNoKey)
}
