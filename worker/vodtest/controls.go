package vodtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// control is what [Control] can do, a method for each path.
type control struct{ e *Emulator }

// Made is what there is after a call that makes events.
type Made struct {
	FileID string `json:"FileId,omitempty"`
	TaskID string `json:"TaskId,omitempty"`
	Note   string `json:",omitempty"` // why there is no event of it, if there is none
}

type uploadParams struct {
	SubAppID uint64 `json:"SubAppId"`
	Name     string
}

func (c control) upload(p uploadParams) (any, error) {
	if p.Name == "" {
		return nil, errors.New("the Name is missing: the name of the file, such as lighthouse.mp4")
	}
	note := c.note(p.SubAppID, uploadSwitch)
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
	return Made{TaskID: c.e.Process(p.SubAppID, p.FileID, p.SessionContext), Note: c.note(p.SubAppID, "")}, nil
}

type deleteParams struct {
	SubAppID uint64 `json:"SubAppId"`
	FileID   string `json:"FileId"`
}

func (c control) delete(p deleteParams) (any, error) {
	if p.FileID == "" {
		return nil, errNoFile
	}
	note := c.note(p.SubAppID, deleteSwitch)
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
	if p.URL == "" || !isURL(p.URL) {
		return nil, errors.New("the Url must be an http or https URL; nothing is fetched from there")
	}
	fileID, taskID := c.e.PullUpload(p.SubAppID, p.URL, p.SessionContext)
	return Made{FileID: fileID, TaskID: taskID, Note: c.note(p.SubAppID, "")}, nil
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
	return Made{Note: c.note(p.SubAppID, "")}, err
}

type faultsParams struct{ Faults string }

func (c control) faults(p faultsParams) (any, error) {
	faults, err := ParseFaults(p.Faults)
	if err != nil {
		return nil, err
	}
	c.e.Script(faults...)
	return faultsParams{formatFaults(faults)}, nil
}

func (c control) settings(body []byte) (any, error) {
	p, err := jsonParams(body)
	if err != nil {
		return nil, err
	}
	if err := p.check(modifyEventConfig); err != nil {
		return nil, err
	}
	var app uint64
	if err := p.read(subAppID, &app); err != nil {
		return nil, err
	}
	if err := c.e.setUp(app, p); err != nil {
		return nil, err
	}
	return c.e.settingsOf(app).shown(), nil
}

func (c control) expire(of numbered) (any, error) { return Made{}, c.e.expireNow(of) }

func (c control) confirm(of numbered) (any, error) { return Made{}, c.e.confirmNow(of) }

func (c control) reset(struct{}) (any, error) {
	c.e.Reset()
	return Made{}, nil
}

// note says why there will be no event, if there is none: it is switched off, or is posted nowhere. Events without a switch
// have the name "".
func (c control) note(subAppID uint64, name string) string {
	s := c.e.settingsOf(subAppID)
	switch {
	case name == uploadSwitch && s.upload != "ON", name == deleteSwitch && s.deletion != "ON":
		return fmt.Sprintf("%s is OFF: there is no event", name)
	case s.mode == "PUSH" && s.url == "":
		return "Mode is PUSH and there is no NotificationUrl: the event is lost"
	}
	return ""
}

func (c control) state(w http.ResponseWriter, r *http.Request) {
	app, err := queryNumber(r, subAppID)
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	writeJSON(w, http.StatusOK, c.e.state(app, queryFilter(r)))
}

func (c control) event(w http.ResponseWriter, r *http.Request) {
	app, err := queryNumber(r, subAppID)
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	number, err := queryNumber(r, "Number")
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	content, ok := c.e.content(app, int(number))
	if !ok {
		fail(w, http.StatusNotFound, fmt.Errorf("there is no event %d, or not any more", number))
		return
	}
	writeJSON(w, http.StatusOK, json.RawMessage(content))
}

func (c control) sample(w http.ResponseWriter, r *http.Request) {
	content, err := Fixture(r.FormValue("Type"))
	if err != nil {
		fail(w, http.StatusNotFound, err)
		return
	}
	writeJSON(w, http.StatusOK, json.RawMessage(content))
}
