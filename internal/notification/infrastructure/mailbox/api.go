package mailbox

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tirage/internal/platform/web"
)

type lettersInput struct {
	OrderID string `query:"order_id" doc:"Only letters about this order"`
}

type lettersOutput struct {
	Body struct {
		Letters []Letter `json:"letters"`
	}
}

// Register adds the mailbox to the API. Anybody can read it: register it only where the
// mailbox takes the place of a mail server.
func (b *Mailbox) Register(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "read-mailbox",
		Method:      http.MethodGet,
		Path:        "/api/v1/mailbox",
		Summary:     "Read the mails that the demonstration shop has sent, newest first",
		Tags:        []string{"Mailbox"},
	}, func(ctx context.Context, in *lettersInput) (*lettersOutput, error) {
		letters, err := b.Letters(ctx, in.OrderID)
		if err != nil {
			return nil, web.Problems{}.Of(err)
		}
		out := &lettersOutput{}
		out.Body.Letters = letters
		return out, nil
	})
}
