package vodtest

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/param"
	"github.com/vodworker/vodworker/worker/vodtest/internal/serve"
	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

// The switches of events that an application may not want to hear of.
const (
	uploadSwitch  = "UploadMediaCompleteEventSwitch"
	deleteSwitch  = "DeleteMediaCompleteEventSwitch"
	persistSwitch = "PersistenceCompleteEventSwitch"
)

// settings are what ModifyEventConfig sets.
type settings struct {
	mode      string // PUSH or PULL
	url       string // for PUSH
	upload    string // ON or OFF: NewFileUpload
	deletion  string // FileDeleted
	persisted string // PersistenceComplete
	signKey   string // signs callbacks; it can be set, but not be read
}

// firstSettings are those that an application begins with: VOD's for a new account, or the ones to begin at once with.
func (c Config) firstSettings() settings {
	if c.NewAccount {
		return settings{mode: "PUSH", upload: "OFF", deletion: "OFF", persisted: "OFF"}
	}
	return settings{mode: "PULL", upload: "ON", deletion: "OFF", persisted: "OFF"}
}

var (
	modeForm    = regexp.MustCompile(`^(PUSH|PULL)$`)
	switchForm  = regexp.MustCompile(`^(ON|OFF)$`)
	signKeyForm = regexp.MustCompile(`^[A-Za-z0-9]{0,32}$`)
)

// describe answers DescribeEventConfig.
func (e *Emulator) describe(ctx context.Context, call *ongoing) outcome {
	return e.do(ctx, call, func() ([]byte, error) {
		s := e.settingsOf(call.SubAppID)
		return fmt.Appendf(nil, `%q:%q,%q:%s,%q:%q,%q:%q,%q:%q`,
			"Mode", s.mode, "NotificationUrl", serve.Quote(s.url),
			uploadSwitch, s.upload, deleteSwitch, s.deletion, persistSwitch, s.persisted), nil
	})
}

func (e *Emulator) settingsOf(subAppID uint64) settings {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.look(subAppID).settings
}

// modify answers ModifyEventConfig. What is not given stays as it is; one bad value changes nothing at all.
func (e *Emulator) modify(ctx context.Context, call *ongoing, p *api.ModifyEventConfig) outcome {
	return e.do(ctx, call, func() ([]byte, error) { return nil, e.setUp(call.SubAppID, p) })
}

// Configure changes the settings of an application as ModifyEventConfig does, without a signature, and no quota and no
// fault meets it. It takes the parameters of that action as a JSON object, with the SubAppId of the application, and without one
// is about the default application: it is for what has them so, as package console has. What is not given stays as it is, and
// one bad value changes nothing. It returns the settings as they are then, without what is secret. See also [Emulator.PushTo].
func (e *Emulator) Configure(parameters json.RawMessage) (json.RawMessage, error) {
	given, err := param.FromJSON(parameters)
	if err != nil {
		return nil, apiError(err)
	}
	var p api.ModifyEventConfig
	if err := given.Read(&p); err != nil {
		return nil, apiError(err)
	}
	if err := e.setUp(p.SubAppId, &p); err != nil {
		return nil, err
	}
	return json.Marshal(e.settingsOf(p.SubAppId).shown())
}

func (e *Emulator) setUp(subAppID uint64, p *api.ModifyEventConfig) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	changed, err := e.look(subAppID).settings.with(p)
	if err == nil {
		e.app(subAppID).settings = changed
	}
	return err
}

func (s settings) with(p *api.ModifyEventConfig) (settings, error) {
	for _, change := range []struct {
		name string
		from *string
		into *string
		ok   func(string) bool
		want string
	}{
		{"Mode", p.Mode, &s.mode, modeForm.MatchString, "PUSH or PULL"},
		{"NotificationUrl", p.NotificationUrl, &s.url, isURLOrEmpty, "an http or https URL, or empty"},
		{uploadSwitch, p.UploadMediaCompleteEventSwitch, &s.upload, switchForm.MatchString, "ON or OFF"},
		{deleteSwitch, p.DeleteMediaCompleteEventSwitch, &s.deletion, switchForm.MatchString, "ON or OFF"},
		{persistSwitch, p.PersistenceCompleteEventSwitch, &s.persisted, switchForm.MatchString, "ON or OFF"},
		{"SignKey", p.SignKey, &s.signKey, signKeyForm.MatchString, "up to 32 letters and digits"},
	} {
		if change.from == nil {
			continue
		}
		if !change.ok(*change.from) {
			return s, &APIError{"InvalidParameter", fmt.Sprintf("%s must be %s", change.name, change.want)}
		}
		*change.into = *change.from
	}
	return s, nil
}

// hears reports whether the application is told of events of a type.
func (s settings) hears(eventType string) bool {
	_, value := s.switchOf(eventType)
	return value == "ON"
}

// switchOf returns the switch of an event type, and its value. A type without one has no name, and is always ON.
func (s settings) switchOf(eventType string) (name, value string) {
	switch eventType {
	case "NewFileUpload":
		return uploadSwitch, s.upload
	case "FileDeleted":
		return deleteSwitch, s.deletion
	case "PersistenceComplete":
		return persistSwitch, s.persisted
	default:
		return "", "ON"
	}
}

// WhySilent says why an event of a type would reach nobody if it happened now: it is switched off, or is to be posted and
// there is no URL. It is "" if nothing is in the way. [Emulator.Send] and [Emulator.Emit] heed no switch; an empty
// eventType is of an event that has none.
func (e *Emulator) WhySilent(subAppID uint64, eventType string) string {
	s := e.settingsOf(subAppID)
	if name, value := s.switchOf(eventType); value != "ON" {
		return name + " is OFF: there is no event"
	}
	if s.mode == "PUSH" && s.url == "" {
		return "Mode is PUSH and there is no NotificationUrl: the event is lost"
	}
	return ""
}

func isURLOrEmpty(s string) bool {
	_, ok := weburl.Parse(s)
	return s == "" || ok
}
