// Package tencent is the VOD API as a [worker.Source]: it calls PullEvents and ConfirmEvents through the official
// SDK, which signs the requests, and hands on each event as VOD sent it.
//
// A Source is made for one application. Its errors are [*Error] values: they say what to do, and wrap what
// the worker needs to know (see [worker.Source]).
package tencent

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker"
)

// DefaultEndpoint is VOD's API. Accounts of the international site have https://vod.intl.tencentcloudapi.com.
const DefaultEndpoint = "https://vod.tencentcloudapi.com"

// requestTimeout is how long a call may take, in seconds: VOD holds PullEvents for up to 5 s and recommends 10.
const requestTimeout = 10

// Options say which queue to consume, where, and as whom.
type Options struct {
	// Credentials sign the calls. Nil means those in the environment: [EnvSecretID] and [EnvSecretKey].
	Credentials *Credentials

	// SubAppID is the application. 0 leaves it out, which means the default application; accounts opened since
	// 2023-12-25 must name that one too.
	SubAppID uint64

	// Endpoint is an http or https URL without a path; empty means [DefaultEndpoint].
	Endpoint string

	// Region is sent along if it is not empty. It does not choose the endpoint.
	Region string

	// CAFile names a PEM file with certificates to trust besides the system's.
	CAFile string
}

// A Source pulls and confirms the events of one application. It is safe for concurrent use.
type Source struct {
	client    *vod.Client
	transport *transport
	subAppID  uint64
	creds     Credentials
}

var _ worker.Source = (*Source)(nil)

// New returns a Source. It makes no call: a wrong key is only found by the first one. It fails if there are no
// credentials, and if the endpoint or the CA file is unusable.
func New(opts Options) (*Source, error) {
	creds, err := opts.credentials()
	if err != nil {
		return nil, err
	}
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
	prof.Language = "en-US"          // of error messages
	prof.DisableRegionBreaker = true // it would move calls to another endpoint

	client, err := vod.NewClient(common.NewCredential(creds.SecretID, creds.SecretKey), opts.Region, prof)
	if err != nil {
		return nil, fmt.Errorf("create the SDK's client: %w", err)
	}
	client.WithHttpTransport(transport)
	return &Source{client: client, transport: transport, subAppID: opts.SubAppID, creds: *creds}, nil
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
		return nil, fmt.Errorf("endpoint of %s has more than a scheme and a host: leave the rest away", u.Host)
	}
	return u, nil
}

// Pull calls PullEvents once.
func (s *Source) Pull(ctx context.Context) (worker.Batch, error) {
	request := vod.NewPullEventsRequest() // a new one each time: the SDK writes to it
	if s.subAppID != 0 {
		request.SubAppId = common.Uint64Ptr(s.subAppID)
	}
	var call pullCall
	_, err := s.client.PullEventsWithContext(context.WithValue(ctx, pullKey{}, &call), request)
	if err == nil && !call.read {
		err = errors.New("the answer has no Response")
	}
	if err := s.classify("PullEvents", err); err != nil {
		if err.isEmptyQueue() {
			return worker.Batch{}, nil
		}
		return worker.Batch{}, err
	}
	for i := range call.events {
		call.events[i].SubAppID = s.subAppID
	}
	return worker.Batch{Events: call.events, Leased: call.leased()}, nil
}

// Confirm calls ConfirmEvents once.
func (s *Source) Confirm(ctx context.Context, handles []string) error {
	request := vod.NewConfirmEventsRequest()
	request.EventHandles = common.StringPtrs(handles)
	if s.subAppID != 0 {
		request.SubAppId = common.Uint64Ptr(s.subAppID)
	}
	response, err := s.client.ConfirmEventsWithContext(ctx, request)
	if err == nil && response.Response == nil {
		err = errors.New("the answer has no Response")
	}
	if err := s.classify("ConfirmEvents", err); err != nil {
		return err
	}
	return nil
}

// Close closes idle connections.
func (s *Source) Close() error {
	s.transport.base.CloseIdleConnections()
	return nil
}
