package tencent

import (
	"fmt"
	"strings"

	"github.com/vodworker/vodworker/worker"
)

// A Reason says what a call failed for: a short token of a closed set, to act on and to count by.
type Reason string

// The reasons. Which of the worker's kinds of error each is stands in brackets; the others are transient. Of ConfirmEvents
// what would be fatal is refused, but for a key and a permission.
const (
	ReasonKey        Reason = "key"        // the key is unknown, has ended, or did not sign this [fatal, while there is no other]
	ReasonPermission Reason = "permission" // the key may not call this action [fatal]
	ReasonAccount    Reason = "account"    // the account has no VOD, or does not allow this machine's address [fatal]
	ReasonSetting    Reason = "setting"    // an application, a region or an endpoint is wrong [fatal]
	ReasonQuota      Reason = "quota"      // one call too many [throttled]
	ReasonHandle     Reason = "handle"     // ConfirmEvents did not accept a handle, as far as is known [refused]

	ReasonEmpty       Reason = "empty"       // PullEvents found nothing; Pull does not return it
	ReasonClock       Reason = "clock"       // this machine's is more than 5 minutes off
	ReasonUnreachable Reason = "unreachable" // no answer came, or none that VOD can have given
	ReasonCancelled   Reason = "cancelled"   // whoever called ended the call
	ReasonAPI         Reason = "api"         // VOD's own trouble, or a code that is not known
)

// Reasons returns all of them.
func Reasons() []Reason {
	return []Reason{
		ReasonKey, ReasonPermission, ReasonAccount, ReasonSetting, ReasonQuota, ReasonHandle,
		ReasonEmpty, ReasonClock, ReasonUnreachable, ReasonCancelled, ReasonAPI,
	}
}

// errKey is the kind of what other credentials may fix. While there are some to be tried it is transient.
var errKey = fmt.Errorf("%w: the key", worker.ErrFatal)

// kind is what the worker knows an error with this reason by; nil if it is transient.
func (r Reason) kind() error {
	switch r {
	case ReasonKey:
		return errKey
	case ReasonPermission, ReasonAccount, ReasonSetting:
		return worker.ErrFatal
	case ReasonQuota:
		return worker.ErrThrottled
	case ReasonHandle:
		return worker.ErrRefused
	default:
		return nil
	}
}

// A class is what an API error code means. Its hint has {id}, {key} and {token} for where these come from, {action}, and
// {application}, {region} and {endpoint} for where those are set.
type class struct {
	reason Reason
	hint   string
}

const lookAtEndpoint = "look at {endpoint}: it is not the VOD API"

// classes maps error codes to what they mean. A code that is not listed means what its first part does; one of
// which no part is listed, such as InternalError, FailedOperation, LimitExceeded and ResourceUnavailable, is VOD's own
// trouble, and transient, unless [unknown] says otherwise. Codes are documented at cloud.tencent.com/document/api/266/34188.
var classes = map[string]class{
	"RequestLimitExceeded": {reason: ReasonQuota},

	"AuthFailure":                  {ReasonKey, "look at {id} and {key}"},
	"AuthFailure.SecretIdNotFound": {ReasonKey, "there is no such key, or it was deleted or disabled: look at {id}"},
	"AuthFailure.InvalidSecretId":  {ReasonKey, "this is not an API key: look at {id}"},
	"AuthFailure.SignatureFailure": {ReasonKey, "the secret key does not belong to the secret id: look at {key}"},
	"AuthFailure.TokenFailure":     {ReasonKey, "this temporary key has ended, or has another token; a permanent key has none: look at {token}"},
	"AuthFailure.MFAFailure":       {ReasonKey, "this key needs a second factor (MFA): use one in {id} that does not"},
	"AuthFailure.SignatureExpire":  {ReasonClock, "this machine's clock is off by more than 5 minutes: set it"},

	"AuthFailure.UnauthorizedOperation": {ReasonPermission, "allow vod:{action} for the key in {id}"},
	"UnauthorizedOperation":             {ReasonPermission, "allow vod:{action} for the key in {id}"},
	"FailedOperation.InvalidVodUser":    {ReasonAccount, "VOD is not activated for the account of the key in {id}"},
	"FailedOperation.InvalidAccount":    {ReasonAccount, "look at the account of the key in {id}"},
	"IpInBlacklist":                     {ReasonAccount, "this machine's address is blocked for the key in {id}"},
	"IpNotInWhitelist":                  {ReasonAccount, "this machine's address is not on the list that the key in {id} allows"},

	"InvalidParameter":      {ReasonSetting, "look at {application} and {region}"},
	"InvalidParameterValue": {ReasonSetting, "look at {application}: the application must belong to the account"},
	"MissingParameter":      {ReasonSetting, "accounts opened since 2023-12-25 must give {application}, for the default application too"},
	"ResourceNotFound":      {ReasonSetting, "VOD is not opened for this account or application: look at {application}"},
	"UnknownParameter":      {ReasonSetting, lookAtEndpoint},
	"InvalidAction":         {ReasonSetting, lookAtEndpoint},
	"NoSuchVersion":         {ReasonSetting, lookAtEndpoint},
	"NoSuchProduct":         {ReasonSetting, lookAtEndpoint},
	"ActionOffline":         {ReasonSetting, ""},
	"UnsupportedRegion":     {ReasonSetting, "look at {region}"},
	"UnsupportedProtocol":   {ReasonSetting, "look at {endpoint}"},
	"UnsupportedOperation":  {ReasonSetting, ""},
}

const (
	actionPull    = "PullEvents"
	actionConfirm = "ConfirmEvents"
)

// handleCodes are what may be said of a handle, though of other actions it means a setting. Documented is a "parameter
// error" only.
var handleCodes = map[string]bool{"InvalidParameterValue": true, "InvalidParameter": true, codeEmpty: true}

// classOf looks up what a code means as the answer to an action.
func classOf(action, code string) class {
	if action == actionPull && code == codeEmpty {
		return class{reason: ReasonEmpty}
	}
	for part := code; ; {
		if action == actionConfirm && handleCodes[part] {
			return class{reason: ReasonHandle}
		}
		if class, ok := classes[part]; ok {
			return class
		}
		dot := strings.LastIndexByte(part, '.')
		if dot < 0 {
			return unknown(action, part)
		}
		part = part[:dot]
	}
}

// unknown is the class of codes that begin so, and are not listed. VOD does not say how it refuses a handle, and one that is
// refused must not hold up the others: so that is what ConfirmEvents means by all of them but one.
func unknown(action, part string) class {
	if action == actionConfirm && part != "InternalError" {
		return class{reason: ReasonHandle}
	}
	return class{reason: ReasonAPI}
}

// kindOf is what the worker knows an answer to an action by; nil if it is transient.
func kindOf(action string, r Reason) error {
	if action == actionConfirm && (r == ReasonAccount || r == ReasonSetting) {
		return worker.ErrRefused // PullEvents, which is told the same, ends what it has to
	}
	return r.kind()
}
