package smtp_test

import (
	"io"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"
)

// sink is a mail server that keeps what it is given, and answers as a test tells it to.
type sink struct {
	t        *testing.T
	listener net.Listener
	// answers by verb ("RCPT"), or "." for the end of a mail; "" hangs up, and what is
	// not here is accepted. "greeting" comes first; "silence" there says nothing at all.
	answers map[string]string

	mu    sync.Mutex
	mails []received
	verbs []string
}

// received is a mail with its envelope.
type received struct{ from, to, data string }

func newSink(t *testing.T, answers map[string]string) *sink {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{t: t, listener: listener, answers: answers}
	var open sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		open.Wait()
	})
	open.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open.Go(func() { s.serve(conn) })
		}
	})
	return s
}

func (s *sink) url() string {
	return "smtp://" + s.listener.Addr().String() + "?from=gallery@tirage.example"
}

func (s *sink) serve(conn net.Conn) {
	text := textproto.NewConn(conn)
	defer func() { _ = text.Close() }()
	if s.answers["greeting"] == "silence" {
		_, _ = text.ReadLine() // until the other side hangs up
		return
	}
	if !s.answer(text, "greeting", "220 sink") {
		return
	}
	var mail received
	for {
		line, err := text.ReadLine()
		if err != nil {
			return
		}
		verb, argument, _ := strings.Cut(line, " ")
		s.mu.Lock()
		s.verbs = append(s.verbs, verb)
		s.mu.Unlock()
		switch verb {
		case "EHLO":
			if !s.answer(text, verb, "250-sink\r\n250-AUTH PLAIN\r\n250 ENHANCEDSTATUSCODES") {
				return
			}
		case "AUTH":
			if !s.answer(text, verb, "235 2.7.0 welcome") {
				return
			}
		case "QUIT":
			s.answer(text, verb, "221 2.0.0 goodbye")
			return
		case "DATA":
			if !s.answer(text, verb, "354 go on") {
				return
			}
			if _, refused := s.answers[verb]; refused {
				continue
			}
			data, err := io.ReadAll(text.DotReader())
			if err != nil {
				return
			}
			mail.data = string(data)
			if _, refused := s.answers["."]; !refused {
				s.keep(mail)
			}
			if !s.answer(text, ".", "250 2.0.0 taken") {
				return
			}
		default:
			if verb == "MAIL" {
				mail = received{from: argument}
			}
			if verb == "RCPT" {
				mail.to = argument
			}
			if !s.answer(text, verb, "250 2.0.0 ok") {
				return
			}
		}
	}
}

// answer says what the test wants, or else usual. It reports whether to go on.
func (s *sink) answer(text *textproto.Conn, verb, usual string) bool {
	if answer, ok := s.answers[verb]; ok {
		usual = answer
	}
	return usual != "" && text.PrintfLine("%s", usual) == nil
}

func (s *sink) keep(m received) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, m)
}

// taken returns the mails that the sink took, which must be n.
func (s *sink) taken(n int) []received {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.mails) != n {
		s.t.Fatalf("the sink took %d mails, want %d", len(s.mails), n)
	}
	return s.mails
}

func (r received) parse(t *testing.T) *netmail.Message {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(r.data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
