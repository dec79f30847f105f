package e2e_test

// wantMails is filled in as soon as the shop sends mails.
func (s *shop) wantMails(placed, ...string) {}
