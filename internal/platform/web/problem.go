package web

import (
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tirage/internal/platform/database"
)

// Problems is a context's table of which of its sentinel errors means which HTTP
// status. What is not in the table is an internal error.
type Problems map[error]int

// Of turns err into a problem response (RFC 9457). Only errors of the table show their
// text to the client; any other is a 500, or a 503 while the database is away, and its
// cause goes to the log.
func (p Problems) Of(err error) error {
	if err == nil {
		return nil
	}
	for sentinel, status := range p {
		if errors.Is(err, sentinel) {
			return huma.NewError(status, err.Error())
		}
	}
	problem := internalProblem()
	if database.IsUnavailable(err) {
		problem = unavailableProblem()
	}
	return &internalError{ErrorModel: problem, cause: err}
}

func internalProblem() *huma.ErrorModel {
	return &huma.ErrorModel{
		Status: http.StatusInternalServerError,
		Title:  http.StatusText(http.StatusInternalServerError),
		Detail: "Something went wrong on our side. Quote the X-Request-Id of this answer when you ask us about it.",
	}
}

func unavailableProblem() *huma.ErrorModel {
	return &huma.ErrorModel{
		Status: http.StatusServiceUnavailable,
		Title:  http.StatusText(http.StatusServiceUnavailable),
		Detail: "The shop cannot answer at the moment. Please try again shortly.",
	}
}

// internalError is a 500 or 503 that carries its cause as far as the log and no further.
type internalError struct {
	*huma.ErrorModel

	cause error
}

func (e *internalError) Unwrap() error { return e.cause }
