package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/vodworker/vodworker/worker/vodtest"
	"github.com/vodworker/vodworker/worker/vodtest/fidelity"
	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

const maxRequest = 10 << 20 // bytes of a request's body, as the API allows

// Control returns a handler by which people and scripts make events and look into an emulator. It takes and answers
// JSON, with names as the API writes them:
//
//	POST /emulator/upload       {"SubAppId": 0, "Name": "lighthouse.mp4"}             {"FileId": "…"}
//	POST /emulator/process      {"SubAppId": 0, "FileId": "…", "SessionContext": ""}  {"TaskId": "…"}
//	POST /emulator/delete       {"SubAppId": 0, "FileId": "…"}                        {}
//	POST /emulator/pull-upload  {"SubAppId": 0, "Url": "…", "SessionContext": ""}     {"FileId": "…", "TaskId": "…"}
//	POST /emulator/send         {"SubAppId": 0, "Event": {…}} or {"Type": "…"}        {}
//	POST /emulator/faults       {"Faults": "PullEvents:3=502"}                        {"Faults": "…"}
//	POST /emulator/fail-results {"Failures": "Transcode=SourceFileError"}             {"Failures": "…"}
//	POST /emulator/settings     the parameters of ModifyEventConfig                   what DescribeEventConfig says
//	POST /emulator/expire       {"SubAppId": 0, "Number": 1}, its window ends now     {}
//	POST /emulator/confirm      {"SubAppId": 0, "Number": 1}, as a worker would       {}
//	POST /emulator/advance      {"By": "30s"}, so much time passes at once            {"Now": "…", "AheadMs": 30000}
//	POST /emulator/issue        {"Ttl": "1h"}, a temporary key                        the members of a [vodtest.Key]
//	POST /emulator/reset        {}, of all applications                               {}
//	GET  /emulator/health                                                             {"Status": "ok"}, since it serves
//	GET  /emulator/state        ?SubAppId=0&Type=PullComplete&Find=lighthouse         everything about one application
//	GET  /emulator/event        ?SubAppId=0&Number=1                                  an event, as it was sent
//	GET  /emulator/types                                                              {"Types": […]}, those to send
//	GET  /emulator/sample       ?Type=PullComplete                                    one of these, to be edited
//	GET  /emulator/authority                                                          a certificate, PEM, see [Options]
//	GET  /emulator/fidelity                                                           {"Rows": […]}, how like VOD it is
//
// SubAppId may be omitted. Faults are as [vodtest.ParseFaults] reads them, failures of results as
// [vodtest.ParseFailures] does, and settings as [vodtest.Emulator.Configure] does. By and Ttl are durations as
// time.ParseDuration reads them, see [vodtest.Emulator.Advance] and [vodtest.Emulator.Issue]. A reset is
// [vodtest.Emulator.Reset], and a state that of [vodtest.Emulator.State], with the [vodtest.Filter] in the query. The rows are
// those of [fidelity.Rows]. Of an event that is switched off, and of a pull that fails, a Note in the answer says so. Errors are
// {"Error": "…"}, with the status 400 if the request is to be fixed, and 503 if an advance stops on its way. [Client] calls it;
// [Handler] serves it with the page and the API.
//
// Requests are not signed, so nothing may reach it from a page of somebody else: a POST that a browser sends for
// another origin is refused, and so is a Host that is no name of ours, which is how DNS rebinding comes. Names of ours
// are localhost, a loopback address, the address at which the request has arrived, and those of the options.
func Control(e *vodtest.Emulator, o Options) http.Handler {
	c := control{e}
	posts := map[string]func(body []byte) (any, error){
		"upload": action(c.upload), "process": action(c.process), "delete": action(c.delete),
		"expire": action(c.expire), "confirm": action(c.confirm), "reset": action(c.reset), "issue": action(c.issue),
		"pull-upload": action(c.pullUpload), "send": action(c.send), "faults": action(c.faults),
		"fail-results": action(c.failResults), "settings": c.settings,
	}
	mux := http.NewServeMux()
	for name, post := range posts {
		mux.HandleFunc("POST "+Path+name, func(w http.ResponseWriter, r *http.Request) { answer(w, r, post) })
	}
	mux.HandleFunc("POST "+Path+"advance", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, action(func(p advanceParams) (any, error) { return c.advance(r.Context(), p) })) // while somebody waits for it
	})
	mux.HandleFunc("GET "+Path+"health", c.health)
	mux.HandleFunc("GET "+Path+"state", c.state)
	mux.HandleFunc("GET "+Path+"event", c.event)
	mux.HandleFunc("GET "+Path+"sample", c.sample)
	mux.HandleFunc("GET "+Path+"types", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, struct{ Types []string }{vodtest.Fixtures()})
	})
	mux.HandleFunc("GET "+Path+"fidelity", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, struct{ Rows []fidelity.Row }{fidelity.Rows()})
	})
	if o.Authority != nil {
		mux.HandleFunc("GET "+Path+"authority", func(w http.ResponseWriter, _ *http.Request) { writeCertificate(w, o.Authority) })
	}
	mux.HandleFunc(Path, func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound,
			fmt.Errorf("there is no %s %s here; see the documentation of console.Control", r.Method, r.URL.Path))
	})
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusForbidden, errors.New("a page of another origin may not do this"))
	}))
	return guard(crossOrigin.Handler(mux), o.Hosts)
}

// guard refuses requests for a host that is no name of ours.
func guard(next http.Handler, hosts []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isOwnHost(r, hosts) {
			fail(w, http.StatusForbidden,
				fmt.Errorf("%.200q is no name of this emulator: use localhost, or the address that it listens on; or start it "+
					"with --host NAME, or with VODWORKER_EMULATE_HOST=NAME in its environment", weburl.Host(r.Host)))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isOwnHost(r *http.Request, hosts []string) bool {
	host := weburl.Host(r.Host)
	isHost := func(own string) bool { return weburl.Host(own) == host }
	if host == "localhost" || host != "" && slices.ContainsFunc(hosts, isHost) {
		return true
	}
	ip := net.ParseIP(host)
	if ip == nil {
		return false
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ip.IsLoopback() || ok && ip.Equal(net.ParseIP(weburl.Host(local.String())))
}

// answer does what is asked for.
func answer(w http.ResponseWriter, r *http.Request, do func(body []byte) (any, error)) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		fail(w, http.StatusRequestEntityTooLarge, errors.New("the request is larger than 10 MB"))
		return
	}
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	result, err := do(body)
	if _, failed := errors.AsType[notNow](err); failed {
		fail(w, http.StatusServiceUnavailable, err)
		return
	}
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	writeJSON(w, http.StatusOK, result)
}

// A notNow is an error that is not the request's to fix.
type notNow struct{ error }

// action decodes what it does from JSON.
func action[P any](do func(P) (any, error)) func([]byte) (any, error) {
	return func(body []byte) (any, error) {
		var p P
		if err := decodeStrictly(body, &p); err != nil {
			return nil, err
		}
		return do(p)
	}
}

// decodeStrictly decodes a JSON object, and refuses one with members that are not asked for.
func decodeStrictly(body []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("the body must be a JSON object: %w", err)
	}
	if decoder.More() {
		return errors.New("the body must be one JSON object")
	}
	return nil
}

func fail(w http.ResponseWriter, status int, err error) {
	writeJSON(w, status, struct{ Error string }{strings.TrimPrefix(err.Error(), "vodtest: ")})
}

func writeJSON(w http.ResponseWriter, status int, result any) {
	body, err := json.Marshal(result)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"Error":"the answer cannot be written as JSON"}`)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // there is nobody to tell if the client has left
}

func writeCertificate(w http.ResponseWriter, certificate []byte) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", "application/x-pem-file")
	_, _ = w.Write(certificate) // there is nobody to tell if the client has left
}

// queryNumber reads a number from the query; one that is not there is 0.
func queryNumber(r *http.Request, name string) (uint64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s=%.200q: it must be a whole number, not negative", name, text)
	}
	return n, nil
}
