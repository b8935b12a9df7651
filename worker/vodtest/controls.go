package vodtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// control is what [Control] can do, a method for each path.
type control struct{ e *Emulator }

// made is what there is now. Note says why there is no event of it, if there is none.
type made struct {
	FileID string `json:"FileId,omitempty"`
	TaskID string `json:"TaskId,omitempty"`
	Note   string `json:",omitempty"`
}

func (c control) upload(p struct {
	SubAppID uint64 `json:"SubAppId"`
	Name     string
}) (any, error) {
	if p.Name == "" {
		return nil, errors.New("the Name is missing: the name of the file, such as lighthouse.mp4")
	}
	note := c.note(p.SubAppID, uploadSwitch)
	return made{FileID: c.e.Upload(p.SubAppID, p.Name), Note: note}, nil
}

func (c control) process(p struct {
	SubAppID       uint64 `json:"SubAppId"`
	FileID         string `json:"FileId"`
	SessionContext string
}) (any, error) {
	if p.FileID == "" {
		return nil, errNoFile
	}
	return made{TaskID: c.e.Process(p.SubAppID, p.FileID, p.SessionContext)}, nil
}

func (c control) delete(p struct {
	SubAppID uint64 `json:"SubAppId"`
	FileID   string `json:"FileId"`
}) (any, error) {
	if p.FileID == "" {
		return nil, errNoFile
	}
	note := c.note(p.SubAppID, deleteSwitch)
	c.e.Delete(p.SubAppID, p.FileID)
	return made{Note: note}, nil
}

var errNoFile = errors.New("the FileId is missing: what an upload has answered")

func (c control) pullUpload(p struct {
	SubAppID       uint64 `json:"SubAppId"`
	URL            string `json:"Url"`
	SessionContext string
}) (any, error) {
	if p.URL == "" || !isURL(p.URL) {
		return nil, errors.New("the Url must be an http or https URL; nothing is fetched from there")
	}
	fileID, taskID := c.e.PullUpload(p.SubAppID, p.URL, p.SessionContext)
	return made{FileID: fileID, TaskID: taskID}, nil
}

func (c control) send(p struct {
	SubAppID uint64 `json:"SubAppId"`
	Type     string
	Event    json.RawMessage
}) (any, error) {
	var err error
	switch {
	case (p.Type == "") == (p.Event == nil):
		return nil, errors.New("either Type or Event must be there: a documented type, of which a sample is sent, or an event")
	case p.Event != nil:
		err = c.e.Send(p.SubAppID, p.Event)
	default:
		err = c.e.Emit(p.SubAppID, p.Type)
	}
	return made{}, err
}

func (c control) faults(p struct{ Faults string }) (any, error) {
	faults, err := ParseFaults(p.Faults)
	if err != nil {
		return nil, err
	}
	c.e.Script(faults...)
	return struct{ Faults string }{formatFaults(faults)}, nil
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
	return c.settingsOf(app).shown(), nil
}

func (c control) settingsOf(subAppID uint64) settings {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	return c.e.app(subAppID).settings
}

// note says that an event is switched off, if it is.
func (c control) note(subAppID uint64, name string) string {
	s := c.settingsOf(subAppID)
	if name == uploadSwitch && s.upload == "ON" || name == deleteSwitch && s.deletion == "ON" {
		return ""
	}
	return fmt.Sprintf("%s is OFF: there is no event", name)
}

func (c control) state(w http.ResponseWriter, r *http.Request) {
	app, err := queryNumber(r, subAppID)
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	writeJSON(w, http.StatusOK, c.e.state(app))
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
