package tencent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"

	"github.com/vodworker/vodworker/worker"
)

// An Error is a call that failed. It wraps [worker.ErrThrottled], [worker.ErrFatal] or [worker.ErrRefused] if it is
// one of those; any other is transient.
type Error struct {
	Action    string // "PullEvents"
	Code      string // the API's, such as "AuthFailure.SignatureFailure", or the SDK's, such as "ClientError.NetworkError"
	Message   string // of the API or the SDK, capped
	RequestID string // to quote to the vendor's support; empty if no answer came
	Hint      string // what to do; may be empty

	kind  error // one of the worker's
	cause error // of errors that the API did not answer with
}

func (e *Error) Error() string {
	text := e.Code
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

// Unwrap returns what the worker classifies the error by, and its cause if it was not an answer.
func (e *Error) Unwrap() []error {
	var wrapped []error
	if e.kind != nil {
		wrapped = append(wrapped, e.kind)
	}
	if e.cause != nil {
		wrapped = append(wrapped, e.cause)
	}
	return wrapped
}

// errKey is the kind of what other credentials may mend. While there are some to be tried it is transient.
var errKey = fmt.Errorf("%w: the key", worker.ErrFatal)

// A class is what an API error code means for the worker.
type class struct {
	kind error
	hint string // {id}, {key}: where they come from
}

// classes maps error codes to what they mean. A code that is not listed means what its first part does; one of
// which no part is listed is transient. Codes are documented at cloud.tencent.com/document/api/266/34188.
var classes = map[string]class{
	"RequestLimitExceeded": {kind: worker.ErrThrottled},

	"InternalError":       {},
	"FailedOperation":     {},
	"LimitExceeded":       {},
	"ResourceUnavailable": {},

	"AuthFailure":                       {errKey, "look at {id} and {key}"},
	"AuthFailure.SecretIdNotFound":      {errKey, "there is no such key, or it was deleted or disabled: look at {id}"},
	"AuthFailure.InvalidSecretId":       {errKey, "this is not an API key: look at {id}"},
	"AuthFailure.SignatureFailure":      {errKey, "the secret key does not belong to the secret id: look at {key}"},
	"AuthFailure.TokenFailure":          {errKey, "the token of this temporary key has ended, or is not its own: look at {id}"},
	"AuthFailure.MFAFailure":            {worker.ErrFatal, "this key needs a second factor: give {id} one that needs none"},
	"AuthFailure.UnauthorizedOperation": {worker.ErrFatal, "allow vod:{action} for the key in {id}"},
	"AuthFailure.SignatureExpire":       {nil, "this machine's clock is off by more than 5 minutes: set it"},
	"UnauthorizedOperation":             {worker.ErrFatal, "allow vod:{action} for the key in {id}"},
	"FailedOperation.InvalidVodUser":    {worker.ErrFatal, "VOD is not activated for the account of the key in {id}"},
	"FailedOperation.InvalidAccount":    {worker.ErrFatal, "look at the account of the key in {id}"},
	"InvalidParameter":                  {worker.ErrFatal, "look at vod.sub_app_ids and vod.region"},
	"InvalidParameterValue":             {worker.ErrFatal, "look at vod.sub_app_ids: the application must belong to the account"},
	"MissingParameter":                  {worker.ErrFatal, "accounts opened since 2023-12-25 must give vod.sub_app_ids, for the default application too"},
	"ResourceNotFound":                  {worker.ErrFatal, "VOD is not opened for this account or application: look at vod.sub_app_ids"},
	"UnknownParameter":                  {worker.ErrFatal, "look at vod.endpoint: it is not the VOD API"},
	"InvalidAction":                     {worker.ErrFatal, "look at vod.endpoint: it is not the VOD API"},
	"NoSuchVersion":                     {worker.ErrFatal, "look at vod.endpoint: it is not the VOD API"},
	"NoSuchProduct":                     {worker.ErrFatal, "look at vod.endpoint: it is not the VOD API"},
	"ActionOffline":                     {worker.ErrFatal, ""},
	"UnsupportedRegion":                 {worker.ErrFatal, "look at vod.region"},
	"UnsupportedProtocol":               {worker.ErrFatal, "look at vod.endpoint"},
	"UnsupportedOperation":              {worker.ErrFatal, ""},
	"IpInBlacklist":                     {worker.ErrFatal, "this machine's address is blocked for the key in {id}"},
	"IpNotInWhitelist":                  {worker.ErrFatal, "this machine's address is not on the list that the key in {id} allows"},
}

const (
	codeEmpty   = "ResourceNotFound"      // exactly; longer codes mean that the account lacks something
	codeRefused = "InvalidParameterValue" // what ConfirmEvents says of an expired handle: "parameter error" on its page

	codeContext = "ClientError.Context" // ours: the worker ended the call
	codeOther   = "ClientError"
	codeNoKey   = "ClientError.CredentialError" // as the SDK names it

	codeBadAnswer = "ClientError.ParseJsonError"
	codeBadStatus = "ClientError.HttpStatusCodeError"

	maxMessage = 300
)

// noCredentials is a call that was not made. It is transient: a role may get credentials again.
func noCredentials(action string, err error) *Error {
	e := &Error{Action: action, Code: codeNoKey, Message: clean(err.Error()), cause: err}
	if errors.Is(err, context.Canceled) {
		e.Code = codeContext
	}
	return e
}

// classify turns what the SDK returned for a call with creds into an Error; nil stays nil. Its result is final: if
// the credentials were refused, it has asked for others first.
func (s *Source) classify(ctx context.Context, action string, creds *Credentials, err error) *Error {
	if err == nil {
		s.keys.accepted(creds)
		return nil
	}
	e := &Error{Action: action, Code: codeOther, Message: err.Error(), cause: err}
	if sdk, ok := errors.AsType[*sdkerrors.TencentCloudSDKError](err); ok {
		e.Code, e.Message, e.RequestID = sdk.Code, sdk.Message, sdk.RequestId
		if cause := sdk.Unwrap(); cause != nil {
			e.Message += ": " + cause.Error()
		}
	}
	if errors.Is(err, context.Canceled) {
		e.Code = codeContext
	}
	e.Message = clean(e.Message)
	if strings.HasPrefix(e.Code, codeOther) {
		if e.Code == codeBadAnswer || e.Code == codeBadStatus {
			e.Hint = "if it goes on: is vod.endpoint the VOD API, or a proxy in between?"
		}
		return e
	}
	e.cause = nil // the API has answered; its words are in the fields
	class := classOf(e.Code)
	if action == "ConfirmEvents" && e.Code == codeRefused {
		class.kind, class.hint = worker.ErrRefused, ""
	}
	e.kind = class.kind
	e.Hint = strings.NewReplacer("{id}", creds.IDFrom, "{key}", creds.KeyFrom, "{action}", action).Replace(class.hint)
	switch {
	case errors.Is(class.kind, errKey):
		s.reconsider(ctx, e, creds)
	case !strings.HasPrefix(e.Code, "AuthFailure"):
		s.keys.accepted(creds)
	}
	return e
}

// reconsider makes a refusal of creds transient if there are others, or may be soon.
func (s *Source) reconsider(ctx context.Context, e *Error, creds *Credentials) {
	again, err := s.keys.refuse(ctx, creds)
	switch {
	case err != nil:
		e.Hint += "; looking for others failed: " + clean(err.Error())
	case again:
		e.Hint = "there are new credentials, which are tried next"
	}
	e.kind = worker.ErrFatal
	if again {
		e.kind = nil
	}
}

func classOf(code string) class {
	for {
		if class, ok := classes[code]; ok {
			return class
		}
		dot := strings.LastIndexByte(code, '.')
		if dot < 0 {
			return class{}
		}
		code = code[:dot]
	}
}

// clean makes a message fit for one line of a log: the SDK quotes whole bodies in its errors.
func clean(message string) string {
	cut := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, message[:min(len(message), 4*maxMessage)]))
	if len(cut) > maxMessage {
		return string(cut[:maxMessage]) + "…"
	}
	return string(cut)
}
