package metrics

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/vodworker/vodworker/worker/tencent"
)

// Codes of calls, besides those of the API in apiCodes: by their first part, so that there are never more of them.
const (
	codeOK         = "ok"
	code5xx        = "http_5xx"   // an answer with such a status, and none that VOD gives
	codeTimeout    = "timeout"    // none came in time
	codeConnection = "connection" // none came
	codeOther      = "other"
)

var (
	apiCodes = []string{
		"ResourceNotFound", "RequestLimitExceeded", "AuthFailure", "UnauthorizedOperation", "InvalidParameter", "FailedOperation", "InternalError",
	}
	codes = append([]string{codeOK, code5xx, codeTimeout, codeConnection, codeOther}, apiCodes...)
)

// codeOf returns which of the codes a call has ended with.
func codeOf(err error) string {
	if err == nil {
		return codeOK
	}
	api, called := errors.AsType[*tencent.Error](err)
	if called {
		first, _, _ := strings.Cut(api.Code, ".")
		first = strings.TrimSuffix(first, "Value") // InvalidParameterValue is not another
		switch {
		case slices.Contains(apiCodes, first):
			return first
		case api.Status >= http.StatusInternalServerError:
			return code5xx
		case api.Reason != tencent.ReasonUnreachable:
			return codeOther
		}
	}
	network, unanswered := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded), unanswered && network.Timeout():
		return codeTimeout
	case unanswered && (!called || api.Code != "ClientError.BadAnswer"):
		return codeConnection
	}
	return codeOther
}
