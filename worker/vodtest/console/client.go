package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

// How long an emulator may take, which mostly runs on the same machine.
const (
	clientTimeout  = 10 * time.Second
	advanceTimeout = 2 * time.Minute
)

// A Client makes events in an emulator that runs in another process and serves [Control]: for one application, by the
// methods that a [vodtest.Emulator] has. Create it with [NewClient]. It is safe for concurrent use.
//
// A call is made once and may take 10 s, but [Client.Advance] longer. Its error is an [*Error] if something answered that is
// not what was asked for, and a *url.Error if nothing did: nobody listens there, say, or ctx has ended. Any other error is of a
// connection that broke in the answer.
type Client struct {
	url      string
	subAppID uint64
	http     *http.Client
}

// NewClient returns a client for an emulator's URL, such as http://127.0.0.1:9266, and an application; 0 is the default
// one. It calls nobody yet: an error means that it is no http or https URL.
func NewClient(endpoint string, subAppID uint64) (*Client, error) {
	if _, ok := weburl.Parse(endpoint); !ok {
		return nil, fmt.Errorf("%q: it must be an http URL, such as http://127.0.0.1:9266", endpoint)
	}
	return &Client{url: endpoint, subAppID: subAppID, http: http.DefaultClient}, nil
}

// An Error is an answer to a [Client] that is not what it asked for.
type Error struct {
	// Message is why the emulator refuses the call, in its own words. It is empty if what answers is no emulator, or one
	// of another version.
	Message string

	URL    string // as NewClient got it
	Status int    // of HTTP
}

func (e *Error) Error() string {
	if e.Message != "" {
		return e.Message
	}
	return fmt.Sprintf("what answers at %s, with the status %d, is no emulator of this version", e.URL, e.Status)
}

// Upload does what [vodtest.Emulator.Upload] does. What is made has a FileID.
func (c *Client) Upload(ctx context.Context, name string) (Made, error) {
	return c.make(ctx, "upload", uploadParams{c.subAppID, name})
}

// Process does what [vodtest.Emulator.Process] does. What is made has a TaskID.
func (c *Client) Process(ctx context.Context, fileID, sessionContext string) (Made, error) {
	return c.make(ctx, "process", processParams{c.subAppID, fileID, sessionContext})
}

// Delete does what [vodtest.Emulator.Delete] does.
func (c *Client) Delete(ctx context.Context, fileID string) (Made, error) {
	return c.make(ctx, "delete", deleteParams{c.subAppID, fileID})
}

// PullUpload does what [vodtest.Emulator.PullUpload] does. What is made has a TaskID, and a FileID unless the pull fails.
func (c *Client) PullUpload(ctx context.Context, url, sessionContext string) (Made, error) {
	return c.make(ctx, "pull-upload", pullUploadParams{c.subAppID, url, sessionContext})
}

// Send does what [vodtest.Emulator.Send] does, but that the content becomes compact JSON on the way. Content that is no
// JSON at all is an error before anybody is called.
func (c *Client) Send(ctx context.Context, content json.RawMessage) error {
	return c.post(ctx, "send", sendParams{SubAppID: c.subAppID, Event: content}, &Made{})
}

// Emit does what [vodtest.Emulator.Emit] does: it sends a sample of a documented event type, one of [vodtest.Fixtures].
func (c *Client) Emit(ctx context.Context, eventType string) error {
	return c.post(ctx, "send", sendParams{SubAppID: c.subAppID, Type: eventType}, &Made{})
}

// Script does what [vodtest.Emulator.Script] does, for all applications, with faults as [vodtest.ParseFaults] reads them;
// the empty text ends them.
func (c *Client) Script(ctx context.Context, faults string) error {
	return c.post(ctx, "faults", faultsParams{faults}, &faultsParams{})
}

// FailResults does what [vodtest.Emulator.FailResults] does, for all applications, with failures as [vodtest.ParseFailures] reads
// them; the empty text ends them.
func (c *Client) FailResults(ctx context.Context, failures string) error {
	return c.post(ctx, "fail-results", failuresParams{failures}, &failuresParams{})
}

// Reset does what [vodtest.Emulator.Reset] does, for all applications.
func (c *Client) Reset(ctx context.Context) error {
	return c.post(ctx, "reset", struct{}{}, &Made{})
}

// State does what [vodtest.Emulator.State] does: it returns everything about the application, as JSON.
func (c *Client) State(ctx context.Context) (json.RawMessage, error) {
	return c.call(ctx, http.MethodGet, fmt.Sprint("state?SubAppId=", c.subAppID), nil, c.checkState)
}

// checkState refuses what lacks something that every state has.
func (c *Client) checkState(answer []byte) error {
	var s struct {
		SubAppID                       *uint64 `json:"SubAppId"`
		Waiting, InFlight, Past, Calls []json.RawMessage
	}
	if err := json.Unmarshal(answer, &s); err != nil {
		return err
	}
	if s.SubAppID == nil || *s.SubAppID != c.subAppID || s.Waiting == nil || s.InFlight == nil || s.Past == nil || s.Calls == nil {
		return errors.New("this is no state of the application")
	}
	return nil
}

func (c *Client) make(ctx context.Context, action string, params any) (made Made, err error) {
	if err = c.post(ctx, action, params, &made); err != nil {
		return Made{}, err
	}
	return made, nil
}

func (c *Client) post(ctx context.Context, action string, params, into any) error {
	body, err := json.Marshal(params)
	if err != nil {
		return err
	}
	_, err = c.call(ctx, http.MethodPost, action, body, func(answer []byte) error { return decodeStrictly(answer, into) })
	return err
}

// call makes one call of the control API. An answer is one only if it passes check.
func (c *Client) call(
	ctx context.Context, method, path string, body []byte, check func(answer []byte) error,
) ([]byte, error) {
	timeout := clientTimeout
	if path == "advance" {
		timeout = advanceTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.url, "/")+Path+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusOK && check(answer) == nil {
		return answer, nil
	}
	var failed struct{ Error string }
	_ = json.Unmarshal(answer, &failed) // what is no emulator answers anything
	return nil, &Error{Message: failed.Error, URL: c.url, Status: response.StatusCode}
}
