package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/vodworker/vodworker/worker/vodtest"
	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

// control is what [Control] can do, a method for each path.
type control struct{ e *vodtest.Emulator }

// Made is what there is after a call that makes events.
type Made struct {
	FileID string `json:"FileId,omitempty"`
	TaskID string `json:"TaskId,omitempty"`
	Note   string `json:",omitempty"` // why there is no event of it, or no file, if there is none
}

type uploadParams struct {
	SubAppID uint64 `json:"SubAppId"`
	Name     string
}

func (c control) upload(p uploadParams) (any, error) {
	if p.Name == "" {
		return nil, errors.New("the Name is missing: the name of the file, such as lighthouse.mp4")
	}
	note := c.e.WhySilent(p.SubAppID, "NewFileUpload")
	return Made{FileID: c.e.Upload(p.SubAppID, p.Name), Note: note}, nil
}

type processParams struct {
	SubAppID       uint64 `json:"SubAppId"`
	FileID         string `json:"FileId"`
	SessionContext string
}

func (c control) process(p processParams) (any, error) {
	if p.FileID == "" {
		return nil, errNoFile
	}
	return Made{TaskID: c.e.Process(p.SubAppID, p.FileID, p.SessionContext), Note: c.e.WhySilent(p.SubAppID, "")}, nil
}

type deleteParams struct {
	SubAppID uint64 `json:"SubAppId"`
	FileID   string `json:"FileId"`
}

func (c control) delete(p deleteParams) (any, error) {
	if p.FileID == "" {
		return nil, errNoFile
	}
	note := c.e.WhySilent(p.SubAppID, "FileDeleted")
	c.e.Delete(p.SubAppID, p.FileID)
	return Made{Note: note}, nil
}

var errNoFile = errors.New("the FileId is missing: what an upload has answered")

type pullUploadParams struct {
	SubAppID       uint64 `json:"SubAppId"`
	URL            string `json:"Url"`
	SessionContext string
}

func (c control) pullUpload(p pullUploadParams) (any, error) {
	if _, ok := weburl.Parse(p.URL); !ok {
		return nil, errors.New("the Url must be an http or https URL; nothing is fetched from there")
	}
	fileID, taskID := c.e.PullUpload(p.SubAppID, p.URL, p.SessionContext)
	note := c.e.WhySilent(p.SubAppID, "")
	if fileID == "" {
		note = c.whyNoFile()
	}
	return Made{FileID: fileID, TaskID: taskID, Note: note}, nil
}

// whyNoFile says what makes pulls fail.
func (c control) whyNoFile() string {
	failures, _ := vodtest.ParseFailures(c.e.Failures()) // its own text
	for _, f := range failures {
		if f.Type == "PullUpload" {
			return "the pull fails: " + f.Code
		}
	}
	return "the pull fails" // as it was said to until just now
}

type sendParams struct {
	SubAppID uint64          `json:"SubAppId"`
	Type     string          `json:",omitempty"`
	Event    json.RawMessage `json:",omitempty"`
}

func (c control) send(p sendParams) (any, error) {
	var err error
	switch {
	case (p.Type == "") == (p.Event == nil):
		return nil, errors.New("either Type or Event must be there: a documented type, of which a sample is sent, or an event")
	case p.Event != nil:
		err = c.e.Send(p.SubAppID, p.Event)
	default:
		err = c.e.Emit(p.SubAppID, p.Type)
	}
	return Made{Note: c.e.WhySilent(p.SubAppID, "")}, err
}

type faultsParams struct{ Faults string }

func (c control) faults(p faultsParams) (any, error) {
	faults, err := vodtest.ParseFaults(p.Faults)
	if err != nil {
		return nil, err
	}
	c.e.Script(faults...)
	return faultsParams{c.e.Faults()}, nil
}

type failuresParams struct{ Failures string }

func (c control) failResults(p failuresParams) (any, error) {
	failures, err := vodtest.ParseFailures(p.Failures)
	if err != nil {
		return nil, err
	}
	c.e.FailResults(failures...)
	return failuresParams{c.e.Failures()}, nil
}

func (c control) settings(body []byte) (any, error) { return c.e.Configure(body) }

// numbered is an event of an application, by its number.
type numbered struct {
	SubAppID uint64 `json:"SubAppId"`
	Number   int
}

func (c control) expire(of numbered) (any, error) {
	return Made{}, c.e.ExpireEvent(of.SubAppID, of.Number)
}

func (c control) confirm(of numbered) (any, error) {
	return Made{}, c.e.ConfirmEvent(of.SubAppID, of.Number)
}

func (c control) reset(struct{}) (any, error) {
	c.e.Reset()
	return Made{}, nil
}

func (c control) state(w http.ResponseWriter, r *http.Request) {
	app, err := queryNumber(r, "SubAppId")
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	query := r.URL.Query()
	writeJSON(w, http.StatusOK, c.e.State(app, vodtest.Filter{Type: query.Get("Type"), Find: query.Get("Find")}))
}

func (c control) event(w http.ResponseWriter, r *http.Request) {
	app, err := queryNumber(r, "SubAppId")
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	number, err := queryNumber(r, "Number")
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	content, ok := c.e.Event(app, int(number))
	if !ok {
		fail(w, http.StatusNotFound, fmt.Errorf("there is no event %d, or not any more", number))
		return
	}
	writeJSON(w, http.StatusOK, json.RawMessage(content))
}

func (c control) sample(w http.ResponseWriter, r *http.Request) {
	content, err := vodtest.Fixture(r.FormValue("Type"))
	if err != nil {
		fail(w, http.StatusNotFound, err)
		return
	}
	writeJSON(w, http.StatusOK, json.RawMessage(content))
}
