package e2e_test

import "slices"

// letter is a mail as it lies in the shop's own mailbox.
type letter struct {
	Template string `json:"template"`
	To       string `json:"to"`
	Subject  string `json:"subject"`
	Text     string `json:"text"`
	Copies   int    `json:"copies"` // how often it was handed in
}

// letters reads the mails about an order, newest first.
func (s *shop) letters(p placed) []letter {
	s.t.Helper()
	var mailbox struct {
		Letters []letter `json:"letters"`
	}
	s.read("/api/v1/mailbox?order_id="+p.ID, &mailbox)
	return mailbox.Letters
}

// wantMails fails the test unless the customer of an order got just these mails, by
// template, once each. A confirmation is looked at only where it is wanted: one that a
// cancellation overtakes is not sent.
func (s *shop) wantMails(p placed, templates ...string) {
	s.t.Helper()
	var got []string
	for _, l := range s.letters(p) {
		if l.Template == "confirmation" && !slices.Contains(templates, l.Template) {
			continue
		}
		got = append(got, l.Template)
		if l.To != "ada@example.com" || l.Copies != 1 || l.Subject == "" || l.Text == "" {
			s.t.Errorf("mail about order %s: %+v", p.ID, l)
		}
	}
	slices.Sort(got)
	if want := slices.Sorted(slices.Values(templates)); !slices.Equal(got, want) {
		s.t.Errorf("mails about order %s: %v, want %v", p.ID, got, want)
	}
}
