package smtp

import (
	"errors"
	"fmt"

	"github.com/wneessen/go-mail"

	"tirage/internal/platform/bus"
)

// refusal says what became of a mail that was not taken, by the server's code alone: its
// words often repeat the customer's address, and errors end in logs.
//
// A final no (5xx) to the recipient or to the mail is permanent. One to the sender is
// not: the mail is right and the shop's account is wrong, which somebody may mend.
func refusal(err error) error {
	failed, ok := errors.AsType[*mail.SendError](err)
	if !ok {
		return fmt.Errorf("reach the mail server: %w", err)
	}
	code := failed.ErrorCode()
	if code == 0 {
		return fmt.Errorf("the mail server was lost when %s", failed.Reason)
	}
	refused := fmt.Errorf("the mail server answers %d %s when %s", code, failed.EnhancedStatusCode(), failed.Reason)
	switch failed.Reason {
	case mail.ErrSMTPRcptTo, mail.ErrSMTPData, mail.ErrSMTPDataClose:
		if code >= 500 {
			return bus.Permanent(refused)
		}
	default:
	}
	return refused
}
