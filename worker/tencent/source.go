// Package tencent is the VOD API as a [worker.Source]: it calls PullEvents and ConfirmEvents through the official
// SDK, which signs the requests, and hands on each event as VOD sent it.
//
// A Source is made for one application; those of an account share a [Keyring]. Its errors are [*Error] values: they say
// what to do, and wrap what the worker needs to know (see [worker.Source]). For people it also reads and changes an
// application's event settings, and returns answers as they came.
package tencent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/url"
	"runtime"
	"strings"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker"
)

// DefaultEndpoint is VOD's API. Accounts of the international site have https://vod.intl.tencentcloudapi.com.
const DefaultEndpoint = "https://vod.tencentcloudapi.com"

const language = "en-US" // of error messages

// requestTimeout is how long a call may take, in seconds: VOD holds PullEvents for up to 5 s and recommends 10.
const requestTimeout = 10

// Options say which queue to consume, where, and as whom.
type Options struct {
	// Credentials sign the calls. Nil means those that [NewKeyring] finds.
	Credentials *Credentials

	// Keyring, if not nil, signs the calls instead of Credentials. Several Sources may share one. Close does not close
	// it.
	Keyring *Keyring

	// SubAppID is the application. 0 leaves it out, which means the default application; accounts opened since
	// 2023-12-25 must name that one too.
	SubAppID uint64

	// Endpoint is an http or https URL without a path; empty means [DefaultEndpoint].
	Endpoint string

	// Region is sent along if it is not empty. It does not choose the endpoint.
	Region string

	// CAFile names a PEM file with certificates to trust besides the system's.
	CAFile string

	// From names where SubAppID, Region and Endpoint were set, for the hints of errors.
	From Origins
}

// A Source pulls and confirms the events of one application. It is safe for concurrent use.
type Source struct {
	client    *vod.Client
	transport *transport
	subAppID  uint64
	from      Origins
	keys      *Keyring
	ownsKeys  bool
}

var _ worker.Source = (*Source)(nil)

// New returns a Source. It does not call VOD: a wrong key is only found by the first call. It fails if there are no
// credentials, if the endpoint is none, and with [ErrCAFile]. The caller closes it.
func New(opts Options) (*Source, error) {
	endpoint, err := parseEndpoint(opts.Endpoint)
	if err != nil {
		return nil, err
	}
	transport, err := newTransport(opts.CAFile)
	if err != nil {
		return nil, err
	}
	prof := profile.NewClientProfile()
	prof.HttpProfile.Scheme = strings.ToUpper(endpoint.Scheme)
	prof.HttpProfile.Endpoint = endpoint.Host
	prof.HttpProfile.ReqTimeout = requestTimeout
	prof.Language = language
	prof.DisableRegionBreaker = true // it would move calls to another endpoint

	client, err := vod.NewClient(nil, opts.Region, prof) // each call gets its own copy, with credentials
	if err != nil {
		return nil, fmt.Errorf("create the SDK's client: %w", err)
	}
	client.WithHttpTransport(transport)
	client.WithLogger(log.New(io.Discard, "", 0)) // it would write whole requests
	s := &Source{client: client, transport: transport, subAppID: opts.SubAppID, from: opts.From, keys: opts.Keyring}
	if s.keys == nil {
		s.ownsKeys = true
		if s.keys, err = opts.keyring(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (o Options) keyring() (*Keyring, error) {
	if o.Credentials != nil {
		return fixed(*o.Credentials)
	}
	return NewKeyring(context.Background(), KeyringOptions{Endpoint: o.Endpoint, CAFile: o.CAFile})
}

func parseEndpoint(endpoint string) (*url.URL, error) {
	if endpoint == "" {
		endpoint = DefaultEndpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the endpoint is not an http or https URL such as %s", DefaultEndpoint)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("endpoint of %s has more than a scheme and a host: omit the rest", u.Host)
	}
	return u, nil
}

// Pull calls PullEvents once.
func (s *Source) Pull(ctx context.Context) (worker.Batch, error) {
	x, err := s.pull(ctx)
	if err != nil {
		if err.Reason == ReasonEmpty {
			return worker.Batch{}, nil
		}
		return worker.Batch{}, err
	}
	for i := range x.events {
		x.events[i].SubAppID = s.subAppID
	}
	return worker.Batch{Events: x.events, Leased: x.leased()}, nil
}

func (s *Source) pull(ctx context.Context) (*exchange, *Error) {
	request := vod.NewPullEventsRequest() // a new one each time: the SDK writes to it
	request.SubAppId = s.application()
	x := &exchange{action: actionPull}
	return x, s.call(ctx, x, func(ctx context.Context, client *vod.Client) error {
		_, err := client.PullEventsWithContext(ctx, request)
		return err
	})
}

// Confirm calls ConfirmEvents once. Of what it answers only a permission is [worker.ErrFatal]: PullEvents needs the same
// key, and says so if that is wrong.
func (s *Source) Confirm(ctx context.Context, handles []string) error {
	_, err := s.confirm(ctx, handles)
	if err == nil {
		return nil
	}
	if err.Reason == ReasonKey {
		err.kind = nil
	}
	return err
}

func (s *Source) confirm(ctx context.Context, handles []string) (*exchange, *Error) {
	request := vod.NewConfirmEventsRequest()
	request.EventHandles = common.StringPtrs(handles)
	request.SubAppId = s.application()
	x := &exchange{action: actionConfirm}
	return x, s.call(ctx, x, func(ctx context.Context, client *vod.Client) error {
		_, err := client.ConfirmEventsWithContext(ctx, request)
		return err
	})
}

// application is what requests carry: nil leaves it out.
func (s *Source) application() *uint64 {
	if s.subAppID == 0 {
		return nil
	}
	return common.Uint64Ptr(s.subAppID)
}

// call makes one call of the API. Its client signs with credentials of one moment, so that a refresh does not mix
// two keys in a request, and a refusal is blamed on the one that was refused.
func (s *Source) call(ctx context.Context, x *exchange, send func(ctx context.Context, client *vod.Client) error) *Error {
	creds, err := s.keys.current(ctx)
	if err != nil {
		return noCredentials(x.action, err)
	}
	client := *s.client
	client.WithCredential(common.NewTokenCredential(creds.SecretID, creds.SecretKey, creds.Token))
	err = guarded(func() error { return send(context.WithValue(ctx, exchangeKey{}, x), &client) })
	if _, ok := errors.AsType[*sdkerrors.TencentCloudSDKError](err); ok && x.answered {
		err = bad("the answer has fields of other types than they should be") // the SDK quotes all of it
	}
	return s.classify(ctx, x, creds, err)
}

// guarded calls foreign code. What it panics with may hold anything.
func guarded(call func() error) (err error) {
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("the SDK panicked: %w", cause)
		default:
			err = fmt.Errorf("the SDK panicked with a %T", cause)
		}
	}()
	return call()
}

// Close closes idle connections, and ends the refreshing of credentials that New found.
func (s *Source) Close() error {
	s.transport.base.CloseIdleConnections()
	if s.ownsKeys {
		return s.keys.Close()
	}
	return nil
}
