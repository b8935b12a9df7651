package storage

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vodworker/vodworker/worker/vodtest/internal/vendors"
)

// maxDrained is how much is still read of the body of a request that is refused, so that its client comes to read why.
const maxDrained = 64 << 20

// Takes tells requests for the storage, by their host, from those for the API.
func Takes(r *http.Request) bool {
	_, _, ok := vendors.Bucket(r.Host)
	return ok
}

// ServeHTTP answers a request that [Takes] takes.
func (s *Storage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := s.NewID()
	w.Header().Set("Server", "tencent-cos")
	w.Header().Set("X-Cos-Request-Id", id)
	w.Header().Set("Date", s.Clock().UTC().Format(http.TimeFormat))
	answer, err := s.answer(r)
	if refused, ok := errors.AsType[*refusal](err); ok {
		if r.Header.Get("Expect") == "" { // who expects something has not sent the body yet
			_, _ = io.CopyN(io.Discard, r.Body, maxDrained)
		}
		refused.write(w, id)
		return
	}
	answer.write(w)
}

// A request is one that was signed with the key of a grant, for what it allows.
type request struct {
	*http.Request
	grant *grant
	key   string // of the object
	query url.Values
}

// answer carries out a request. All errors are refusals.
func (s *Storage) answer(r *http.Request) (*answer, error) {
	query, err := readQuery(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	g, err := s.authorize(r, query)
	if err != nil {
		return nil, err
	}
	q := &request{r, g, strings.TrimLeft(r.URL.Path, "/"), query}
	bucket, region, _ := vendors.Bucket(r.Host)
	if bucket != g.Bucket || region != g.Region || q.key != "" && !slices.Contains(g.Keys, q.key) {
		return nil, denied
	}
	for _, o := range operations {
		if o.fits(q) {
			return o.do(s, q)
		}
	}
	return nil, &refusal{405, "MethodNotAllowed", "this emulator has what an upload needs: PUT and HEAD Object, " +
		"and Initiate, Upload Part, List Parts, Complete, Abort and List Multipart Uploads"}
}

// An operation is one of those that there are. They are told apart by what their queries must and may have.
type operation struct {
	method     string
	ofBucket   bool
	must, also []string
	do         func(*Storage, *request) (*answer, error)
}

var operations = []operation{
	{"PUT", false, nil, nil, (*Storage).putObject},
	{"HEAD", false, nil, nil, (*Storage).headObject},
	{"GET", false, nil, nil, (*Storage).getObject},
	{"POST", false, []string{"uploads"}, nil, (*Storage).initiate},
	{"PUT", false, []string{"partNumber", "uploadId"}, nil, (*Storage).putPart},
	{"GET", false, []string{"uploadId"}, []string{"max-parts", "part-number-marker", "encoding-type"}, (*Storage).listParts},
	{"POST", false, []string{"uploadId"}, nil, (*Storage).complete},
	{"DELETE", false, []string{"uploadId"}, nil, (*Storage).abort},
	{"GET", true, []string{"uploads"}, []string{"prefix", "delimiter", "max-uploads", "key-marker", "upload-id-marker",
		"encoding-type"}, (*Storage).listUploads},
}

func (o *operation) fits(q *request) bool {
	if q.Method != o.method || o.ofBucket != (q.key == "") {
		return false
	}
	for _, name := range o.must {
		if !q.query.Has(name) {
			return false
		}
	}
	for name := range q.query {
		if !slices.Contains(o.must, name) && !slices.Contains(o.also, name) && !isOfSignature(name) {
			return false
		}
	}
	return true
}
