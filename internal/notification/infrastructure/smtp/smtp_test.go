package smtp_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime/quotedprintable"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"tirage/internal/notification/domain"
	"tirage/internal/notification/infrastructure/smtp"
	"tirage/internal/platform/bus"
)

func TestAMailArrivesAsItWasWritten(t *testing.T) {
	t.Parallel()
	server := newSink(t, nil)
	m := message(t)
	m.Text = "Dear Ada,\n\n2 × Undertow\n.\nQUIT\n" // a lone dot must not end it
	send(t, server.url(), m)

	got := server.taken(1)[0]
	if !strings.HasPrefix(got.from, "FROM:<gallery@tirage.example>") || !strings.HasPrefix(got.to, "TO:<ada@example.com>") {
		t.Errorf("envelope from %q to %q", got.from, got.to)
	}
	parsed := got.parse(t)
	for name, want := range map[string]string{
		"From": `"Tirage" <gallery@tirage.example>`, "To": "<ada@example.com>", "Subject": "We have your order",
		"Message-ID": "<confirmation.one@tirage.example>", "Auto-Submitted": "auto-generated",
	} {
		if value := parsed.Header.Get(name); value != want {
			t.Errorf("%s is %q, want %q", name, value, want)
		}
	}
	if text := body(t, parsed.Body); text != m.Text {
		t.Errorf("the text is %q, want %q", text, m.Text)
	}
}

func TestAMailSentAgainHasTheSameMessageID(t *testing.T) {
	t.Parallel()
	server := newSink(t, nil)
	send(t, server.url(), message(t))
	send(t, server.url(), message(t))
	mails := server.taken(2)
	first, second := mails[0].parse(t).Header.Get("Message-ID"), mails[1].parse(t).Header.Get("Message-ID")
	if first != second || first == "" {
		t.Errorf("sent as %q and as %q", first, second)
	}
}

// The server took the mail; how the conversation ended after that does not matter, and
// an error would have the mail sent again.
func TestAMailThatWasTakenWasSent(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"RSET", "QUIT"} {
		server := newSink(t, map[string]string{verb: ""})
		send(t, server.url(), message(t))
		server.taken(1)
	}
}

func TestAFinalNoIsPermanent(t *testing.T) {
	t.Parallel()
	for verb, answer := range map[string]string{
		"RCPT": "550 5.1.1 <ada@example.com>: no such user",
		"DATA": "554 5.7.1 ada@example.com: no",
		".":    "554 5.7.1 this mail to ada@example.com is spam",
	} {
		wantRefusal(t, map[string]string{verb: answer}, true, answer[:9])
	}
}

func TestANoForNowIsTriedAgain(t *testing.T) {
	t.Parallel()
	for verb, answer := range map[string]string{
		"greeting": "421 4.3.2 busy, come back later",
		"RCPT":     "451 4.7.1 ada@example.com is greylisted",
		"DATA":     "452 4.3.1 out of room for ada@example.com",
		".":        "451 4.3.0 ada@example.com: not now",
	} {
		wantRefusal(t, map[string]string{verb: answer}, false, answer[:3])
	}
}

func TestANoToTheShopItselfIsNotThisMailsEnd(t *testing.T) {
	t.Parallel()
	wantRefusal(t, map[string]string{"MAIL": "550 5.7.1 not you, not about ada@example.com"}, false, "550")
}

func TestAConversationThatBreaksOffIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"greeting", "EHLO", "MAIL", "RCPT", "DATA", "."} {
		wantRefusal(t, map[string]string{verb: ""}, false, "")
	}
}

func TestAServerThatIsAwayIsTriedAgain(t *testing.T) {
	t.Parallel()
	server := newSink(t, nil)
	_ = server.listener.Close()
	if err := mailer(t, server.url()).Send(t.Context(), message(t)); err == nil || bus.IsPermanent(err) {
		t.Errorf("got %v, want an error that is not permanent", err)
	}
}

func TestASilentServerIsLeftWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	server := newSink(t, map[string]string{"greeting": "silence"})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := mailer(t, server.url()).Send(ctx, message(t))
	if err == nil || bus.IsPermanent(err) {
		t.Errorf("got %v, want an error that is not permanent", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

// What a customer can type is their name, which is in the text, and their address.
func TestNothingInAMailAddsAHeaderOrARecipient(t *testing.T) {
	t.Parallel()
	server := newSink(t, nil)
	m := message(t)
	m.ID = "confirmation.one>\r\nBcc: eve@example.com"
	m.Subject = "Your order\r\nBcc: eve@example.com\r\n\r\nBuy"
	m.Text = "\r\n.\r\nMAIL FROM:<eve@example.com>\r\nRCPT TO:<bob@example.com>\r\n"
	send(t, server.url(), m)

	parsed := server.taken(1)[0].parse(t)
	if bcc := parsed.Header.Get("Bcc"); bcc != "" {
		t.Errorf("a header was added: Bcc: %s", bcc)
	}
	if recipients := count(server.verbs, "RCPT"); recipients != 1 {
		t.Errorf("%d recipients", recipients)
	}
	if _, err := domain.ParseEmailAddress("ada@example.com\r\nBcc: eve@example.com"); err == nil {
		t.Error("an address with a line break was taken")
	}
}

func TestThePasswordIsShown(t *testing.T) {
	t.Parallel()
	server := newSink(t, nil)
	send(t, strings.Replace(server.url(), "smtp://", "smtp://shop:secret@", 1), message(t))
	server.taken(1)
	if count(server.verbs, "AUTH") != 1 {
		t.Errorf("no login in %v", server.verbs)
	}
	refusing := newSink(t, map[string]string{"AUTH": "535 5.7.8 who are you?"})
	err := mailer(t, strings.Replace(refusing.url(), "smtp://", "smtp://shop:secret@", 1)).Send(t.Context(), message(t))
	if err == nil || bus.IsPermanent(err) || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v, want an error that is not permanent and holds no password", err)
	}
}

// A certificate that nobody vouches for is refused, which shows that smtps:// speaks TLS
// from its first byte, and checks who answers.
func TestSMTPSChecksTheCertificate(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	hello := make(chan bool, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_ = tls.Server(conn, &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			hello <- true
			return nil, errors.New("no certificate")
		}}).Handshake()
	}()
	err = mailer(t, "smtps://"+listener.Addr().String()).Send(t.Context(), message(t))
	if err == nil || bus.IsPermanent(err) {
		t.Errorf("got %v, want an error that is not permanent", err)
	}
	if len(hello) != 1 {
		t.Error("it did not begin with TLS")
	}
}

func TestNewRefusesAURLThatMakesNoSense(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{
		"", "mail.example.com:587", "http://mail.example.com", "smtp://", "smtp://user:secret@mail:99999",
		"smtp://user:secret@mail.example.com:smtp", "smtp://user:secret@mail.example.com?from=nobody",
	} {
		if _, err := smtp.New(wrong); !errors.Is(err, smtp.ErrURL) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got %v, want ErrURL without the password", wrong, err)
		}
	}
}

func wantRefusal(t *testing.T, answers map[string]string, permanent bool, code string) {
	t.Helper()
	server := newSink(t, answers)
	err := mailer(t, server.url()).Send(t.Context(), message(t))
	if err == nil || bus.IsPermanent(err) != permanent {
		t.Errorf("%v: got %v, want an error, permanent: %v", answers, err, permanent)
		return
	}
	if !strings.Contains(err.Error(), code) {
		t.Errorf("%v: %v does not tell the code %s", answers, err, code)
	}
	if strings.Contains(err.Error(), "ada") {
		t.Errorf("%v: %v tells the customer's address", answers, err)
	}
	server.taken(0)
}

func message(t *testing.T) domain.Message {
	t.Helper()
	to, err := domain.ParseEmailAddress("ada@example.com")
	if err != nil {
		t.Fatal(err)
	}
	return domain.Message{
		ID: "confirmation.one", OrderID: "one", Template: domain.Confirmation,
		To: to, Subject: "We have your order", Text: "Dear Ada,\n",
	}
}

func mailer(t *testing.T, url string) *smtp.Mailer {
	t.Helper()
	m, err := smtp.New(url)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func send(t *testing.T, url string, m domain.Message) {
	t.Helper()
	if err := mailer(t, url).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(quotedprintable.NewReader(r))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

func count(verbs []string, verb string) int {
	return len(slices.DeleteFunc(slices.Clone(verbs), func(v string) bool { return v != verb }))
}
