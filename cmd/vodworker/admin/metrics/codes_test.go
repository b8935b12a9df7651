package metrics

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/tencent"
)

// What the network and what stands before the API do is told apart, whatever the SDK makes of it.
func TestACallThatIsNotAnsweredHasACodeOfItsOwn(t *testing.T) {
	answer := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
		}
	}
	refusal := func(code string) http.HandlerFunc {
		return answer(http.StatusOK, `{"Response":{"Error":{"Code":"`+code+`","Message":"no"},"RequestId":"1-2-3"}}`)
	}
	for name, test := range map[string]struct {
		serve http.HandlerFunc // nil: nobody listens
		want  string
	}{
		"nobody listens":     {nil, "connection"},
		"a bad gateway":      {answer(http.StatusBadGateway, "<html>"), "http_5xx"},
		"a page of a proxy":  {answer(http.StatusOK, "<html>"), "other"},
		"a part of the code": {refusal("AuthFailure.SecretIdNotFound"), "AuthFailure"},
		"a value":            {refusal("InvalidParameterValue.SubAppId"), "InvalidParameter"},
		"an unknown code":    {refusal("Novelty"), "other"},
		"it takes too long":  {func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }, "timeout"},
		"it hangs up":        {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "connection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.serve)
			defer server.Close()
			if test.serve == nil {
				server.Close()
			}
			source, err := tencent.New(tencent.Options{
				Credentials: &tencent.Credentials{SecretID: "id", SecretKey: "a-secret-key"}, Endpoint: server.URL,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = source.Close() }()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			if test.want == codeTimeout {
				cancel()
				ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
			}
			defer cancel()
			if err := source.Confirm(ctx, []string{"handle"}); codeOf(err) != test.want {
				t.Errorf("%v is %s, want %s", err, codeOf(err), test.want)
			}
		})
	}
}
