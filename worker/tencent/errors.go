package tencent

import (
	"cmp"
	"context"
	"errors"
	"strings"

	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
)

// An Error is a call that failed. It wraps [worker.ErrThrottled], [worker.ErrFatal] or [worker.ErrRefused] if it is
// one of those; any other is transient. Its texts are capped, fit for one line of a terminal, and hold no key that the
// call was made with.
type Error struct {
	Action    string // "PullEvents"
	Reason    Reason
	Code      string // the API's, such as "AuthFailure.SignatureFailure", or the SDK's, such as "ClientError.NetworkError"
	Message   string // of the API or the SDK
	Status    int    // of HTTP, where that alone says that the API failed, such as 502; else 0
	RequestID string // to quote to the vendor's support; empty if no answer came
	Hint      string // what to do; may be empty

	kind  error // one of the worker's
	cause error // of errors that the API did not answer with
}

// Error leaves the RequestID out: it differs between calls that fail alike, see Request.
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

// Request returns the RequestID, to be printed beside the error: that of VOD, or of STS if that refused the credentials. It is
// empty if no answer came.
func (e *Error) Request() string { return cmp.Or(e.RequestID, say.Request(e.cause)) }

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

// Origins name where settings come from, such as keys of a configuration file: hints tell the reader to look there. Empty
// means the field of [Options].
type Origins struct{ SubAppID, Region, Endpoint string }

// hint fills in the places that a hint names.
func (s *Source) hint(text, action string, creds *Credentials) string {
	return strings.NewReplacer(
		"{id}", creds.IDFrom, "{key}", creds.KeyFrom, "{token}", creds.TokenFrom, "{action}", action,
		"{application}", cmp.Or(s.from.SubAppID, "Options.SubAppID"),
		"{region}", cmp.Or(s.from.Region, "Options.Region"),
		"{endpoint}", cmp.Or(s.from.Endpoint, "Options.Endpoint"),
	).Replace(text)
}

const (
	codeEmpty = "ResourceNotFound" // exactly; longer codes mean that the account lacks something

	codeContext = "ClientError.Context" // ours: the worker ended the call
	codeOther   = "ClientError"
	codeNoKey   = "ClientError.CredentialError" // as the SDK names it

	codeBadAnswer = "ClientError.BadAnswer" // ours: VOD can't have given it

	maxMessage = 300 // bytes
)

// noCredentials is a call that was not made. It is transient: a role may get credentials again.
func noCredentials(action string, err error) *Error {
	e := &Error{Action: action, Reason: ReasonKey, Code: codeNoKey, Message: clean(err.Error()), cause: err}
	if errors.Is(err, context.Canceled) {
		e.Code, e.Reason = codeContext, ReasonCancelled
	}
	return e
}

// classify turns what came of a call with creds into an Error; nil stays nil. Its result is final: if the credentials
// were refused, it has asked for others first.
func (s *Source) classify(ctx context.Context, x *exchange, creds *Credentials, err error) *Error {
	if err == nil {
		s.keys.accepted(creds)
		return nil
	}
	secrets := []string{creds.SecretKey, creds.Token, x.hide}
	if creds.swapped() {
		secrets = append(secrets, creds.SecretID)
	}
	shown := func(text string) string { return clean(without(text, secrets...)) }
	refused, ok := errors.AsType[*refusal](err)
	if !ok {
		e := s.unanswered(x.action, creds, err)
		e.Message = shown(e.Message)
		return e
	}
	e := &Error{Action: x.action, Code: shown(refused.code), Message: shown(refused.message), RequestID: shown(refused.requestID)}
	class := classOf(x.action, e.Code)
	if class.reason == ReasonKey {
		class.hint = cmp.Or(creds.mistake(e.Code), class.hint)
	}
	e.Reason, e.kind, e.Hint = class.reason, kindOf(x.action, class.reason), s.hint(class.hint, x.action, creds)
	switch {
	case e.Reason == ReasonKey:
		s.reconsider(ctx, e, creds)
	case !strings.HasPrefix(e.Code, "AuthFailure"):
		s.keys.accepted(creds)
	}
	return e
}

// unanswered is a call that VOD has not answered, as far as can be told.
func (s *Source) unanswered(action string, creds *Credentials, err error) *Error {
	e := &Error{Action: action, Reason: ReasonUnreachable, Code: codeOther, Message: err.Error(), cause: err}
	if sdk, ok := errors.AsType[*sdkerrors.TencentCloudSDKError](err); ok {
		e.Code, e.Message = sdk.Code, sdk.Message
		if cause := sdk.Unwrap(); cause != nil {
			e.Message += ": " + cause.Error()
		}
	}
	if odd, ok := errors.AsType[*badAnswer](err); ok {
		e.Code, e.Status, e.Message, e.Hint = codeBadAnswer, odd.status, odd.text, s.hint(odd.hint, action, creds)
	}
	if errors.Is(err, context.Canceled) {
		e.Code, e.Reason = codeContext, ReasonCancelled
	}
	return e
}

// reconsider makes a refusal of creds transient if there are others, or may be soon. The hint says what is known of them.
func (s *Source) reconsider(ctx context.Context, e *Error, creds *Credentials) {
	again, known := s.keys.refuse(ctx, creds)
	switch known {
	case "":
	case othersHere:
		e.Hint = known
	default:
		e.Hint += "; " + clean(known)
	}
	e.kind = worker.ErrFatal
	if again {
		e.kind = nil
	}
}

// without returns text without secrets. One of five letters is none, and would take half of the text along.
func without(text string, secrets ...string) string {
	for _, secret := range secrets {
		if len(secret) > 5 {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
}

// clean makes foreign text fit for one line of a log.
func clean(message string) string {
	return say.OneLine(message[:min(len(message), 4*maxMessage)], maxMessage)
}
