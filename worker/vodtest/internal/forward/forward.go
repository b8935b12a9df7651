// Package forward hands requests that the emulator has no answer to on to a stub of the user's own.
package forward

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/serve"
	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

const (
	patience   = 10 * time.Second // for an answer, its end included
	mostAnswer = 10 << 20         // bytes
)

var errSlow = fmt.Errorf("there was no whole answer within %v", patience)

// A Stub answers actions in the emulator's place. Create it with [To].
type Stub struct {
	url       *url.URL
	transport http.Transport
}

// To returns the stub at a URL. It refuses VOD's own hosts: nothing that an emulator is sent may reach a real account.
func To(text string) (*Stub, error) {
	u, ok := weburl.Parse(text)
	switch {
	case !ok || u.Hostname() == "":
		return nil, errors.New("it must be an http or https URL with a host, such as http://localhost:9000/vod")
	case u.User != nil:
		return nil, errors.New("it must have no user name and no password: leave out what is before the @")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("it must have no query and no fragment: the query is that of each request")
	}
	if err := checkHost(u.Hostname()); err != nil {
		return nil, err
	}
	// Neither a proxy of the environment's, nor connections that a restart of the stub breaks, nor an answer that is compressed.
	return &Stub{url: u, transport: http.Transport{DisableKeepAlives: true, DisableCompression: true}}, nil
}

// Forward hands on a request whose body was read. The stub does not learn how it was signed. Errors are [*api.Error], to be
// answered.
func (s *Stub) Forward(ctx context.Context, r *http.Request, body []byte, action string) (*serve.Answer, error) {
	answer, err := s.ask(ctx, r, body)
	if err != nil {
		return nil, api.Refuse("InternalError",
			"the emulator has no answer to %.60q, and --forward got none from %s: %.300v", action, s.url.Host, err)
	}
	return answer, nil
}

func (s *Stub) ask(ctx context.Context, r *http.Request, body []byte) (*serve.Answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errSlow)
	defer cancel()
	target := *s.url
	target.RawQuery, body = withoutKeys(r, body)
	request, err := http.NewRequestWithContext(ctx, r.Method, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the request cannot be handed on")
	}
	request.Header = handedOn(r.Header)
	response, err := s.transport.RoundTrip(request) // which follows no redirects
	if err != nil {
		return nil, err // errSlow, if the time was over
	}
	defer response.Body.Close()
	switch encoding := response.Header.Get("Content-Encoding"); {
	case response.StatusCode < 200 || response.StatusCode >= 300 && response.StatusCode < 400:
		return nil, fmt.Errorf("it answers %d, and redirects are not followed", response.StatusCode)
	case encoding != "" && encoding != "identity":
		return nil, errors.New("it answers with a Content-Encoding, though none was asked for")
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer+1))
	switch {
	case err != nil:
		return nil, err
	case len(content) > mostAnswer:
		return nil, fmt.Errorf("its answer has more than %d MiB", mostAnswer>>20)
	}
	return &serve.Answer{Status: response.StatusCode, ContentType: response.Header.Get("Content-Type"), Body: content}, nil
}
