package vodtest

import (
	"errors"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// An APIError is the Error of an API answer.
type APIError struct {
	Code    string // such as ResourceNotFound
	Message string // for people; its wording may change
}

func (e *APIError) Error() string { return e.Code + ": " + e.Message }

// apiError returns the public form of an error of a package below this one. Any other error is returned as it is.
func apiError(err error) error {
	if refused, ok := errors.AsType[*api.Error](err); ok {
		return &APIError{refused.Code, refused.Message}
	}
	return err
}
