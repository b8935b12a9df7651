package vodtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// clientTimeout is how long an emulator may take, which mostly runs on the same machine.
const clientTimeout = 10 * time.Second

// A Client makes events in an emulator that runs in another process and serves [Control]: for one application, by the
// methods that an [Emulator] has. Create it with [NewClient]. It is safe for concurrent use.
//
// A call is made once and may take 10 s. Its error is a [*ControlError] if something answered that is not what was asked
// for, and a [*url.Error] if nothing did: nobody listens there, say, or ctx has ended. Any other error is of a connection
// that broke in the answer.
type Client struct {
	url      string
	subAppID uint64
	http     *http.Client
}

// NewClient returns a client for an emulator's URL, such as http://127.0.0.1:9266, and an application; 0 is the default
// one. It calls nobody yet: an error means that it is no http or https URL.
func NewClient(endpoint string, subAppID uint64) (*Client, error) {
	if u, err := url.Parse(endpoint); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q: it must be an http URL, such as http://127.0.0.1:9266", endpoint)
	}
	return &Client{url: endpoint, subAppID: subAppID, http: http.DefaultClient}, nil
}

// A ControlError is an answer to a [Client] that is not what it asked for.
type ControlError struct {
	// Message is why the emulator refuses the call, in its own words. It is empty if what answers is no emulator, or one
	// of another version.
	Message string

	URL    string // as NewClient got it
	Status int    // of HTTP
}

func (e *ControlError) Error() string {
	if e.Message != "" {
		return e.Message
	}
	return fmt.Sprintf("what answers at %s, with the status %d, is no emulator of this version", e.URL, e.Status)
}

// Upload does what [Emulator.Upload] does. What is made has a FileID.
func (c *Client) Upload(ctx context.Context, name string) (Made, error) {
	return c.make(ctx, "upload", uploadParams{c.subAppID, name})
}

// Process does what [Emulator.Process] does. What is made has a TaskID.
func (c *Client) Process(ctx context.Context, fileID, sessionContext string) (Made, error) {
	return c.make(ctx, "process", processParams{c.subAppID, fileID, sessionContext})
}

// Delete does what [Emulator.Delete] does.
func (c *Client) Delete(ctx context.Context, fileID string) (Made, error) {
	return c.make(ctx, "delete", deleteParams{c.subAppID, fileID})
}

// PullUpload does what [Emulator.PullUpload] does. What is made has a FileID and a TaskID.
func (c *Client) PullUpload(ctx context.Context, url, sessionContext string) (Made, error) {
	return c.make(ctx, "pull-upload", pullUploadParams{c.subAppID, url, sessionContext})
}

// Send does what [Emulator.Send] does, but that the content becomes compact JSON on the way. Content that is no JSON at all
// is an error before anybody is called.
func (c *Client) Send(ctx context.Context, content json.RawMessage) error {
	return c.post(ctx, "send", sendParams{SubAppID: c.subAppID, Event: content}, &Made{})
}

// Emit does what [Emulator.Emit] does: it sends a sample of a documented event type, one of [Fixtures].
func (c *Client) Emit(ctx context.Context, eventType string) error {
	return c.post(ctx, "send", sendParams{SubAppID: c.subAppID, Type: eventType}, &Made{})
}

// Script does what [Emulator.Script] does, for all applications, with faults as [ParseFaults] reads them; the empty text
// ends them.
func (c *Client) Script(ctx context.Context, faults string) error {
	return c.post(ctx, "faults", faultsParams{faults}, &faultsParams{})
}

// Reset does what [Emulator.Reset] does, for all applications.
func (c *Client) Reset(ctx context.Context) error {
	return c.post(ctx, "reset", struct{}{}, &Made{})
}

// State returns everything about the application, as JSON: where each event is, and the last calls and callbacks.
func (c *Client) State(ctx context.Context) (json.RawMessage, error) {
	return c.call(ctx, http.MethodGet, fmt.Sprint("state?SubAppId=", c.subAppID), nil, &appState{})
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
	_, err = c.call(ctx, http.MethodPost, action, body, into)
	return err
}

// call makes one call of the control API. An answer is one only if it can be decoded into what is expected.
func (c *Client) call(ctx context.Context, method, path string, body []byte, into any) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, clientTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.url, "/")+ControlPath+path, bytes.NewReader(body))
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
	if response.StatusCode == http.StatusOK && decodeStrictly(answer, into) == nil {
		return answer, nil
	}
	var failed struct{ Error string }
	_ = json.Unmarshal(answer, &failed) // what is no emulator answers anything
	return nil, &ControlError{Message: failed.Error, URL: c.url, Status: response.StatusCode}
}
