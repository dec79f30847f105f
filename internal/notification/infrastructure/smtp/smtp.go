// Package smtp sends the shop's mails by a mail server. Start with Mailer.Send;
// refusal.go says which answers of the server are final.
package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"tirage/internal/notification/domain"
)

// timeout bounds the whole conversation about one mail. Servers think about a mail for
// seconds before they take it.
const timeout = 15 * time.Second

// ErrURL says that a mail server's URL makes no sense. It does not repeat the URL, which
// holds a password.
var ErrURL = errors.New("not a URL like smtp://user:password@mail.example.com:587?from=shop@example.com")

// Mailer hands mails to one mail server.
type Mailer struct {
	host     string
	implicit bool // TLS from the first byte
	from     *netmail.Address
	options  []mail.Option
}

// New returns the Mailer of a server given as smtp:// (encrypted where the server
// offers STARTTLS, port 587) or smtps:// (always encrypted, port 465). A user and
// password are shown to no server in the clear, save one on this machine. The query's
// "from" is the sender; without it, it is the user, or else tirage@ the server. It fails
// with ErrURL.
func New(serverURL string) (*Mailer, error) {
	u, err := url.Parse(serverURL)
	if err != nil || u.Hostname() == "" {
		return nil, ErrURL
	}
	m := &Mailer{host: u.Hostname(), implicit: u.Scheme == "smtps"}
	port := 587
	switch u.Scheme {
	case "smtp":
		m.options = append(m.options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	case "smtps":
		port = 465
		m.options = append(m.options, mail.WithSSL())
	default:
		return nil, ErrURL
	}
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, ErrURL
		}
	}
	m.options = append(m.options, mail.WithPort(port), mail.WithTimeout(timeout))
	if password, ok := u.User.Password(); ok {
		m.options = append(m.options, mail.WithSMTPAuth(mail.SMTPAuthPlain),
			mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	if m.from, err = senderOf(u); err != nil {
		return nil, err
	}
	if _, err := mail.NewClient(m.host, m.options...); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrURL, err)
	}
	return m, nil
}

func senderOf(u *url.URL) (*netmail.Address, error) {
	sender := "tirage@" + u.Hostname()
	if strings.Contains(u.User.Username(), "@") {
		sender = u.User.Username()
	}
	if from := u.Query().Get("from"); from != "" {
		sender = from
	}
	address, err := netmail.ParseAddress(sender)
	if err != nil {
		return nil, fmt.Errorf("%w: the sender is no e-mail address", ErrURL)
	}
	if address.Name == "" {
		address.Name = "Tirage"
	}
	return address, nil
}

// Send hands a mail over and returns once the server has taken it. A mail that is sent
// again has the same Message-ID. An answer that no retry can change is bus.Permanent.
func (m *Mailer) Send(ctx context.Context, message domain.Message) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	options := slices.Concat(m.options, []mail.Option{mail.WithDialContextFunc(m.dialUntil(ctx))})
	client, err := mail.NewClient(m.host, options...)
	if err != nil {
		return fmt.Errorf("prepare to reach the mail server: %w", err)
	}
	envelope := m.envelope(message)
	if err := client.DialAndSendWithContext(ctx, envelope); err != nil && !envelope.IsDelivered() {
		return refusal(err)
	}
	return nil // even if it came to a bad end after the server took the mail
}

// envelope makes the mail as it travels. Everything a customer may have typed is in the
// body or an address, and header fields are encoded: nothing can add a header.
func (m *Mailer) envelope(message domain.Message) *mail.Msg {
	_, host, _ := strings.Cut(m.from.Address, "@")
	envelope := mail.NewMsg()
	envelope.FromMailAddress(m.from)
	envelope.ToMailAddress(&netmail.Address{Address: message.To.String()})
	envelope.SetMessageIDWithValue(message.ID + "@" + host)
	envelope.SetGenHeader("Auto-Submitted", "auto-generated") // no holiday notices, please
	envelope.Subject(message.Subject)
	envelope.SetBodyString(mail.TypeTextPlain, message.Text)
	return envelope
}

// dialUntil connects, and hangs up when ctx ends: go-mail itself heeds the context while
// it connects and no longer.
func (m *Mailer) dialUntil(ctx context.Context) mail.DialContextFunc {
	return func(dialing context.Context, network, address string) (conn net.Conn, err error) {
		if m.implicit {
			config := &tls.Config{ServerName: m.host, MinVersion: tls.VersionTLS12}
			conn, err = (&tls.Dialer{Config: config}).DialContext(dialing, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(dialing, network, address)
		}
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { _ = conn.Close() })
		return conn, nil
	}
}
