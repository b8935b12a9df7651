package vodtest

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
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
func (e *Emulator) describe(ctx context.Context, call *Call) outcome {
	return e.do(ctx, call, func() ([]byte, error) {
		s := e.settingsOf(call.SubAppID)
		return fmt.Appendf(nil, `%q:%q,%q:%s,%q:%q,%q:%q,%q:%q`,
			mode, s.mode, notificationURL, quote(s.url),
			uploadSwitch, s.upload, deleteSwitch, s.deletion, persistSwitch, s.persisted), nil
	})
}

func (e *Emulator) settingsOf(subAppID uint64) settings {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.app(subAppID).settings
}

// modify answers ModifyEventConfig. What is not given stays as it is; one bad value changes nothing at all.
func (e *Emulator) modify(ctx context.Context, call *Call, p params) outcome {
	return e.do(ctx, call, func() ([]byte, error) { return nil, e.setUp(call.SubAppID, p) })
}

func (e *Emulator) setUp(subAppID uint64, p params) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.app(subAppID)
	changed, err := a.settings.with(p)
	if err == nil {
		a.settings = changed
	}
	return err
}

func (s settings) with(p params) (settings, error) {
	for _, change := range []struct {
		name string
		into *string
		ok   func(string) bool
		want string
	}{
		{mode, &s.mode, modeForm.MatchString, "PUSH or PULL"},
		{notificationURL, &s.url, isURL, "an http or https URL, or empty"},
		{uploadSwitch, &s.upload, switchForm.MatchString, "ON or OFF"},
		{deleteSwitch, &s.deletion, switchForm.MatchString, "ON or OFF"},
		{persistSwitch, &s.persisted, switchForm.MatchString, "ON or OFF"},
		{signKeyName, &s.signKey, signKeyForm.MatchString, "up to 32 letters and digits"},
	} {
		if err := p.read(change.name, change.into); err != nil {
			return s, err
		}
		if !change.ok(*change.into) {
			return s, &APIError{"InvalidParameter", fmt.Sprintf("%s must be %s", change.name, change.want)}
		}
	}
	return s, nil
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return s == "" || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
