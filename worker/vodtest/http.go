package vodtest

import (
	"context"
	"errors"
	"net/http"

	"github.com/vodworker/vodworker/worker/vodtest/internal/forward"
	"github.com/vodworker/vodworker/worker/vodtest/internal/serve"
	"github.com/vodworker/vodworker/worker/vodtest/internal/sign"
	"github.com/vodworker/vodworker/worker/vodtest/internal/storage"
)

// ServeHTTP is the endpoint: version 2018-07-17 of the actions that [Actions] lists, on any path, by GET or POST, signed with
// TC3-HMAC-SHA256, HmacSHA256 or HmacSHA1. Errors have the status 200, as VOD's have. For a Host that is a bucket, such as
// ApplyUpload names, it is the storage that files are uploaded to. To break a connection it panics with [http.ErrAbortHandler],
// which an http.Server takes care of. What a page in a browser asks of the API or the storage is refused with the status 403: any
// page could sign, the key being no secret.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if serve.IsCall(r) && serve.FromPage(r) {
		serve.RefusePage(w)
		return
	}
	if storage.Takes(r) {
		e.serveStorage(w, r)
		return
	}
	if !serve.IsCall(r) {
		serve.Explain(w, r, e.cfg.SecretID, version, Actions())
		return
	}
	// All of the body is read before anything waits: only then does an http.Server notice that a client leaves.
	body, err := e.bodies.Read(e.ctx, w, r)
	if err != nil {
		serve.Break()
	}
	call := e.newCall(vodAction(r.Header.Get("X-TC-Action")), 0)
	defer call.finish() // also if the answer is broken off
	o := e.handle(r, call, body)
	e.observe(call, o.failure())
	w.Header().Set("Date", e.clock().UTC().Format(http.TimeFormat))
	o.write(w, call.RequestID)
}

// serveStorage answers a request for the storage that ApplyUpload has named. It is no call, and no fault meets it.
func (e *Emulator) serveStorage(w http.ResponseWriter, r *http.Request) {
	if e.gone(r.Context()) != nil {
		serve.Break()
	}
	e.storage.ServeHTTP(w, r)
}

// handle refuses a request or carries it out.
func (e *Emulator) handle(r *http.Request, call *ongoing, body []byte) outcome {
	if err := e.gone(r.Context()); err != nil {
		return outcome{err: err}
	}
	run, err := e.check(r, call, body)
	if err != nil {
		if err := e.pause(r.Context(), e.cfg.RoundTrip); err != nil {
			return outcome{err: err}
		}
		return outcome{err: apiError(err)}
	}
	return run(e, r.Context(), call)
}

// check checks everything about a request that does not depend on what there is. It returns what carries it out.
func (e *Emulator) check(r *http.Request, call *ongoing, body []byte) (run, error) {
	if err := serve.Check(r, body); err != nil {
		return nil, err
	}
	q, err := e.verify(r, call, body)
	if err != nil {
		return nil, err
	}
	a, known := actionNamed(call.Action)
	if !known {
		if stub := e.forwardsTo(); stub != nil {
			return handOn(stub, r, body), nil
		}
		return nil, noAction(call.Action)
	}
	if q.Version != version {
		return nil, &APIError{"NoSuchVersion", "the version must be " + version}
	}
	given, err := serve.Parameters(r, q.Form, body)
	if err != nil {
		return nil, err
	}
	subAppID, run, err := a.prepare(given)
	call.SubAppID = subAppID
	return run, err
}

// verify checks who calls, and notes the action.
func (e *Emulator) verify(r *http.Request, call *ongoing, body []byte) (*sign.Request, error) {
	q, err := sign.Read(r, body)
	if err != nil {
		return nil, err
	}
	call.Action = vodAction(q.Action)
	now := e.clock()
	err = q.Check(now, func(secretID, token string) (string, error) { return e.secretKey(secretID, token, e.keyTime()) })
	if err == nil {
		call.Action = q.Action
	}
	return q, err
}

// handOn lets a stub carry out a call, until there is nobody any more to answer.
func handOn(stub *forward.Stub, r *http.Request, body []byte) run {
	return func(e *Emulator, ctx context.Context, call *ongoing) outcome {
		call.Forwarded = true
		asking, stop := context.WithCancel(ctx)
		defer stop()
		defer context.AfterFunc(e.ctx, stop)()
		answer, err := stub.Forward(asking, r, body, call.Action)
		if gone := e.gone(ctx); gone != nil {
			return outcome{err: gone}
		}
		return outcome{stubbed: answer, err: apiError(err)}
	}
}

// write sends what there is to send, and breaks the connection if that is the outcome.
func (o outcome) write(w http.ResponseWriter, requestID string) {
	answer := serve.Response(requestID, o.result)
	if refused, ok := errors.AsType[*APIError](o.err); ok {
		answer = serve.Refusal(requestID, refused.Code, refused.Message)
	}
	switch {
	case !o.answered() || o.spoiled == FaultReset:
		serve.Break()
	case o.stubbed != nil:
		o.stubbed.Write(w)
	case o.spoiled == FaultCut:
		answer.Cut(w)
	case o.spoiled == FaultBadGateway:
		serve.BadGateway.Write(w)
	case o.spoiled == FaultOdd:
		serve.Odd.Write(w)
	default:
		answer.Write(w)
	}
}
