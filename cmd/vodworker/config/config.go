// Package config turns the text of a configuration file into a [Config]. It is pure: the environment and the files that
// secrets are in come in as functions, and nothing is opened, connected to or logged.
//
//	config, err := config.Parse("config.yaml", text, os.LookupEnv, os.ReadFile)
//
// The file is YAML, and read strictly: an unknown key is an error, but for those at its top that begin with x-, which are there
// for anchors. An alias may stand before its anchor. A single value stands for a list of one. In each value ${VAR} is replaced
// by an environment variable, ${VAR:-x} by x if that is unset or empty, and $${ by ${. A variable may hold several
// applications, event types, or values that a condition compares with, with commas between them. Whatever is a secret can be in
// a file instead, by the same key with _file behind it. Each mistake is an [Error]: it says where in the text it is, and shows
// nothing that may be a secret.
//
// The file config.yaml at the root of the repository is the manual: every key with its default, which [Default] returns too.
package config

import (
	"time"

	"github.com/vodworker/vodworker/events/condition"
	"github.com/vodworker/vodworker/worker"
)

// A Config is what a configuration file says.
type Config struct {
	VOD         VOD         `yaml:"vod"`
	Worker      Worker      `yaml:"worker"`
	Confirm     Confirm     `yaml:"confirm"`
	Handlers    []Handler   `yaml:"handlers"`
	Inbox       Inbox       `yaml:"inbox"`
	DeadLetters DeadLetters `yaml:"dead_letters"`
	Callback    Callback    `yaml:"callback"`
	Admin       Admin       `yaml:"admin"`
	Log         Log         `yaml:"log"`

	// Variables are those of the environment that the file refers to, in no order.
	Variables []string `yaml:"-"`

	// Warnings are about what works, and is hardly meant so, in the order of the file.
	Warnings []Warning `yaml:"-"`

	source *source // nil: these are the defaults
}

// DefaultEndpoint is the API in China.
const DefaultEndpoint = "https://vod.tencentcloudapi.com"

// DefaultAdmin is where probes, metrics and the status page are: for this machine alone.
const DefaultAdmin = "127.0.0.1:9464"

// VOD says which queues are consumed, and how they are called.
type VOD struct {
	// Endpoint is the API's URL, http or https: [DefaultEndpoint].
	Endpoint string `yaml:"endpoint"`

	// Region is sent along; it does not choose the endpoint. By default none is sent.
	Region string `yaml:"region"`

	// SubAppIDs are the applications to consume, each once. By default only the default application, whose id is 0.
	SubAppIDs []uint64 `yaml:"sub_app_ids"`

	// Window is how long VOD waits for an event to be confirmed: 30 s. Positive, and at most 96 h; for VOD's own endpoint at most
	// 30 s. Only an emulator has another.
	Window Duration `yaml:"window"`

	// Rate is how many calls of each action are made in a second, of all applications together: 99. From 0.1 to 10,000.
	Rate float64 `yaml:"rate"`

	// CAFile is a PEM file with certificates to trust besides the system's. By default there is none.
	CAFile string `yaml:"ca_file"`

	// Credentials are an API key. By default it is looked for elsewhere: in the environment, the profile file and the roles.
	Credentials *Credentials `yaml:"credentials"`
}

// Credentials are an API key. Those that are in files may be read there again, since the files stay named here.
type Credentials struct {
	// SecretID and SecretKey are both required, here or in the files.
	SecretID      string `yaml:"secret_id"`
	SecretIDFile  string `yaml:"secret_id_file"`
	SecretKey     string `yaml:"secret_key"`
	SecretKeyFile string `yaml:"secret_key_file"`

	// Token goes with a temporary key. By default there is none.
	Token     string `yaml:"token"`
	TokenFile string `yaml:"token_file"`
}

// Worker says how events are handled.
type Worker struct {
	// Concurrency is how many events are handled at once, of each application: 64. From 1 to 100,000.
	Concurrency int `yaml:"concurrency"`

	// Memory is what the process may use. The garbage collector keeps to nine tenths of it, or to half if handlers run programs,
	// and a quarter of that is for the events that are in flight, of all applications together. 0, the default, is the limit of
	// the container; where there is none, 64 MiB are for events. Not negative.
	Memory Size `yaml:"memory"`

	// Unmatched is what becomes of events that no handler wants: confirm. Or leave, or dead_letter, which needs a place
	// for dead letters, or an inbox.
	Unmatched Unmatched `yaml:"unmatched"`

	// StopGrace is how long handlers may go on after a signal: 20 s. Positive. Below 1 s and from 25 s on it is a [Warning].
	StopGrace Duration `yaml:"stop_grace"`
}

// Confirm says when handled events are confirmed.
type Confirm struct {
	// Linger is how long a handled event waits for others while more are being handled: 100 ms. Positive, and less than the
	// handling time. Where the rate has calls wait, it waits behind them.
	Linger Duration `yaml:"linger"`

	// Margin is the part of the window that is kept for confirming; the rest is handling time. 0, the default, is a sixth
	// of the window. Not negative, and so much less than the window that there is time to handle.
	Margin Duration `yaml:"margin"`
}

// A Handler says which events it wants, and has exactly one place where they go.
type Handler struct {
	// Name is unique. Required.
	Name string `yaml:"name"`

	// Events are those that it wants. By default all.
	Events []EventPattern `yaml:"events"`

	// SubAppIDs are the applications whose events it wants, each of which vod.sub_app_ids or callback.sub_app_id names.
	// By default all.
	SubAppIDs []uint64 `yaml:"sub_app_ids"`

	// Where are conditions on the content of those events, all of which must hold. By default there is none. If all handlers of
	// a type have some, Worker.Unmatched must be written out.
	Where []condition.Condition `yaml:"where"`

	// Timeout is the longest that one try may take, at most the handling time: with an inbox that of its window. 0, the default:
	// until that ends.
	Timeout Duration `yaml:"timeout"`

	// Retry says how often it is tried within an event's handling time.
	Retry Retry `yaml:"retry"`

	Place `yaml:",inline"`
}

// Retry says how often a handler is tried, and after what pauses: random ones, of up to Initial at first, then up to twice
// that, and so on up to Max.
type Retry struct {
	// Tries is how many there are at most: 3. 1: none after the first. 100 at most.
	Tries int `yaml:"tries"`

	// Initial is 200 ms.
	Initial Duration `yaml:"initial"`

	// Max is 2 s.
	Max Duration `yaml:"max"`
}

// Inbox says where events are stored, to be confirmed at once and handled for as long as it takes. By default there is none: an
// event is handled first, within VOD's window.
type Inbox struct {
	// URL is sqlite:///PATH, an absolute one, or postgres://USER:PASSWORD@HOST/DATABASE. It may hold a password.
	URL     string `yaml:"url"`
	URLFile string `yaml:"url_file"`

	// Keep is how long what is done stays: 24 h. Positive. Below 10 min it is a [Warning].
	Keep Duration `yaml:"keep"`

	// Window is how long the handlers may take for an event, with all tries: 1 h. A sixth of it is kept for ending; the rest is the
	// handling time. From 2.5 s to 96 h.
	Window Duration `yaml:"window"`
}

// Key returns the key that its URL is given by, for [Config.Errorf].
func (i Inbox) Key() string {
	if i.URLFile != "" {
		return "inbox.url_file"
	}
	return "inbox.url"
}

// On reports whether there is an inbox.
func (i Inbox) On() bool { return i.URL != "" }

// DeadLetters says when an event is given up, and where it is kept then: in a folder, a place, or the inbox if there is one. With
// none of these, the default, no event is given up.
type DeadLetters struct {
	// Attempts is at which failed delivery an event may be given up: the 5th. 0: at none, only for what a handler rejects or
	// for its age. From 0 to 1,000.
	Attempts int `yaml:"attempts"`

	// After is how long after it was first seen to fail an event is given up whatever the reason: 72 h. 0: that too. Not
	// negative, and less than the 4 days for which VOD keeps it; with an inbox at most 30 days.
	After Duration `yaml:"after"`

	// Dir is a folder, which is made if it is not there. By default there is none.
	Dir string `yaml:"dir"`

	// Place is any but stdout, which keeps nothing. A webhook has no format here: a letter has a form of its own.
	Place `yaml:",inline"`
}

// On reports whether there is a folder or a place for dead letters.
func (d DeadLetters) On() bool { return d.Dir != "" || d.Kind() != "" }

// Callback says where normal callbacks are received.
type Callback struct {
	// Listen is an address such as ":8080". By default none: only the command that does nothing else receives them.
	Listen string `yaml:"listen"`

	// Path is that of the URL, and begins with a slash. "/", the default, takes posts to every path.
	Path string `yaml:"path"`

	// SignKeys are what VOD signs with: one, or two that differ while it is being changed, of up to 32 letters and digits
	// each. SignKeysFile names a file for each instead. By default signatures are not looked at.
	SignKeys     []string `yaml:"sign_keys"`
	SignKeysFile []string `yaml:"sign_keys_file"`

	// SignKey is the same for one key. Only one of both is given: see [Callback.Keys].
	SignKey     string `yaml:"sign_key"`
	SignKeyFile string `yaml:"sign_key_file"`

	// SubAppID is the application that the callbacks are of. 0, the default, is the default application.
	SubAppID uint64 `yaml:"sub_app_id"`

	// TLS makes the URL an https one. By default it is http.
	TLS TLS `yaml:"tls"`
}

// Keys returns the sign keys, however they are given.
func (c Callback) Keys() []string {
	if c.SignKey != "" {
		return []string{c.SignKey}
	}
	return c.SignKeys
}

// TLS names PEM files: both, or none.
type TLS struct {
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
}

// Admin says where run and receive show what they do: probes, metrics and the status page.
type Admin struct {
	// Listen is an address: "127.0.0.1:9464". With "" nothing is shown.
	Listen string `yaml:"listen"`

	// Token is what the status page, its data and the profiles ask for, as the password of any name, or as a bearer. By default
	// there is none: then the page is there only where Listen is of this machine alone.
	Token     string `yaml:"token"`
	TokenFile string `yaml:"token_file"`

	// Pprof has it serve Go's profiles under /debug/pprof/. It takes a token. By default it does not.
	Pprof bool `yaml:"pprof"`
}

// Log says what is logged, and how.
type Log struct {
	// Level is debug, info, warn or error: info.
	Level string `yaml:"level"`

	// Format is auto, console or json: auto, which is console on a terminal, else json.
	Format string `yaml:"format"`
}

// Default returns what holds where a file says nothing. It has no handlers, so it is not valid.
func Default() *Config {
	of := worker.Defaults()
	return &Config{
		VOD: VOD{
			Endpoint:  DefaultEndpoint,
			SubAppIDs: []uint64{},
			Window:    Duration(of.Window),
			Rate:      worker.DefaultRate,
		},
		Worker:      Worker{Concurrency: of.Concurrency, StopGrace: Duration(of.StopGrace)},
		Confirm:     Confirm{Linger: Duration(of.Linger)},
		Inbox:       Inbox{Keep: Duration(24 * time.Hour), Window: Duration(time.Hour)},
		DeadLetters: DeadLetters{Attempts: worker.DefaultAttempts, After: Duration(worker.DefaultAfter)},
		Callback:    Callback{Path: "/", SignKeys: []string{}, SignKeysFile: []string{}},
		Admin:       Admin{Listen: DefaultAdmin},
		Log:         Log{Level: "info", Format: "auto"},
	}
}

// A Duration is written as 100ms, 5s or 1m30s. It is a year at most.
type Duration time.Duration

// A Size is a number of bytes, written as 512KiB, 256MiB or 2GiB.
type Size int64

// Unmatched is what becomes of events that no handler wants.
type Unmatched worker.Unmatched
