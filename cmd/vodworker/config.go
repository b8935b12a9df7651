package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

// A Config is what the configuration file says. The file config.yaml at the root of the repository is its manual:
// every key with its default.
type Config struct {
	VOD struct {
		Endpoint    string             `yaml:"endpoint"`
		Region      string             `yaml:"region"`
		SubAppIDs   []uint64           `yaml:"sub_app_ids"`
		Window      Duration           `yaml:"window"`
		Rate        float64            `yaml:"rate"`
		CAFile      string             `yaml:"ca_file"`
		Credentials *CredentialsConfig `yaml:"credentials"`
	} `yaml:"vod"`
	Worker struct {
		Concurrency int       `yaml:"concurrency"`
		Unmatched   Unmatched `yaml:"unmatched"`
		StopGrace   Duration  `yaml:"stop_grace"`
	} `yaml:"worker"`
	Confirm struct {
		Linger Duration `yaml:"linger"`
		Margin Duration `yaml:"margin"` // 0: a sixth of the window
	} `yaml:"confirm"`
	Handlers    []HandlerConfig   `yaml:"handlers"`
	DeadLetters DeadLettersConfig `yaml:"dead_letters"`
	Callback    CallbackConfig    `yaml:"callback"`
	Log         LogConfig         `yaml:"log"`

	Variables []string `yaml:"-"` // of the environment, that the file refers to
}

// A HandlerConfig is one handler: which events it wants, and exactly one place where they go.
type HandlerConfig struct {
	Name      string         `yaml:"name"`
	Events    []EventPattern `yaml:"events"`
	SubAppIDs []uint64       `yaml:"sub_app_ids"`
	Timeout   Duration       `yaml:"timeout"`
	Retry     struct {
		Tries   int      `yaml:"tries"`
		Initial Duration `yaml:"initial"`
		Max     Duration `yaml:"max"`
	} `yaml:"retry"`

	Stdout  *StdoutConfig  `yaml:"stdout"`
	File    *FileConfig    `yaml:"file"`
	Exec    *ExecConfig    `yaml:"exec"`
	Webhook *WebhookConfig `yaml:"webhook"`
}

// StdoutConfig prints events.
type StdoutConfig struct {
	Format string `yaml:"format"` // text, json; empty: text
}

// FileConfig appends events to a file.
type FileConfig struct {
	Path string `yaml:"path"`
}

// ExecConfig runs a program for each event.
type ExecConfig struct {
	Command []string `yaml:"command"` // and its arguments; no shell
}

// WebhookConfig posts events.
type WebhookConfig struct {
	URL        string `yaml:"url"`
	Secret     string `yaml:"secret"`
	SecretFile string `yaml:"secret_file"`
	Format     string `yaml:"format"` // callback, cloudevents, cloudevents-binary; empty: callback
}

// LogConfig says what is logged, and how.
type LogConfig struct {
	Level  string `yaml:"level"`  // debug, info, warn, error
	Format string `yaml:"format"` // auto, console, json
}

func defaultConfig() *Config {
	var c Config
	c.VOD.Endpoint = tencent.DefaultEndpoint
	c.VOD.SubAppIDs = []uint64{}
	c.VOD.Window = Duration(30 * time.Second)
	c.VOD.Rate = worker.DefaultRate
	c.Worker.Concurrency = 64
	c.Worker.StopGrace = Duration(20 * time.Second)
	c.Confirm.Linger = Duration(100 * time.Millisecond)
	c.DeadLetters.Attempts = 5
	c.Callback.Path = "/"
	c.Log = LogConfig{Level: "info", Format: "auto"}
	return &c
}

// loadConfig reads the file strictly. Its errors are usage errors and show the line that they are about.
func loadConfig(file string) (*Config, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usageError{fmt.Errorf("there is no configuration file %s: make one, or name another with --config", file)}
	}
	if err != nil {
		return nil, usageError{fmt.Errorf("read the configuration: %w", err)}
	}
	config, err := parseConfig(text, os.LookupEnv)
	if err != nil {
		return config, usageError{fmt.Errorf("%s: %w", file, err)}
	}
	return config, nil
}

// errNoHandlers is the last that is looked for: everything else is right.
var errNoHandlers = errors.New("no handlers: every event would be confirmed unseen; add one under handlers")

// loadWithoutHandlers is loadConfig for commands that hand events to nobody.
func loadWithoutHandlers(file string) (*Config, error) {
	config, err := loadConfig(file)
	if err != nil && !errors.Is(err, errNoHandlers) {
		return nil, err
	}
	return config, nil
}

func parseConfig(text []byte, lookup func(string) (string, bool)) (*Config, error) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, explain(text, err)
	}
	config := defaultConfig()
	if len(file.Docs) > 1 {
		return nil, errors.New("it holds more than one YAML document")
	}
	if len(file.Docs) == 1 && file.Docs[0].Body != nil {
		body := file.Docs[0].Body
		noted := func(name string) (string, bool) {
			config.Variables = append(config.Variables, name)
			return lookup(name)
		}
		if err := expand(body, noted); err != nil {
			return nil, explain(text, err)
		}
		if err := yaml.NodeToValue(body, config, yaml.Strict()); err != nil {
			return nil, explain(text, err)
		}
	}
	if err := readSecrets(config); err != nil {
		return nil, err
	}
	return config, config.validate()
}

func (c *Config) validate() error {
	switch {
	case c.VOD.Window <= 0:
		return errors.New("vod.window must be positive")
	case c.VOD.Rate <= 0:
		return errors.New("vod.rate must be positive")
	case c.Worker.Concurrency < 1:
		return errors.New("worker.concurrency must be at least 1")
	case c.Worker.StopGrace < 0 || c.Confirm.Linger < 0 || c.Confirm.Margin < 0:
		return errors.New("worker.stop_grace, confirm.linger and confirm.margin must not be negative")
	}
	if err := c.VOD.Credentials.validate(); err != nil {
		return err
	}
	for i, h := range c.Handlers {
		if h.places() != 1 {
			return fmt.Errorf("handler %d (%q) needs exactly one of stdout, file, exec, webhook; one without settings is written as stdout: {}", i+1, h.Name)
		}
	}
	if err := c.validateApplications(); err != nil {
		return err
	}
	if err := c.DeadLetters.validate(); err != nil {
		return err
	}
	if c.Worker.Unmatched == Unmatched(worker.UnmatchedDeadLetter) && !c.DeadLetters.on() {
		return errors.New("worker.unmatched is dead_letter, but there is no place for dead letters: set dead_letters.dir")
	}
	if err := c.Callback.validate(); err != nil {
		return err
	}
	if err := c.Log.validate(); err != nil {
		return err
	}
	if len(c.Handlers) == 0 {
		return errNoHandlers
	}
	return nil
}

// places counts where the events would go.
func (h HandlerConfig) places() (n int) {
	for _, there := range []bool{h.Stdout != nil, h.File != nil, h.Exec != nil, h.Webhook != nil} {
		if there {
			n++
		}
	}
	return n
}

// withheld returns the environment variables that programs run by handlers do not get: those in the configuration may be
// secrets, but for these, without which many programs do not work.
func (c *Config) withheld() []string {
	return slices.DeleteFunc(slices.Clone(c.Variables), func(name string) bool {
		return slices.Contains([]string{"HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TMPDIR", "TZ", "USER"}, name)
	})
}

// Unmatched is what becomes of events that no handler wants.
type Unmatched worker.Unmatched

// UnmarshalYAML decodes an Unmatched.
func (u *Unmatched) UnmarshalYAML(node ast.Node) error {
	var name string
	if err := yaml.NodeToValue(node, &name); err != nil {
		return errorAt(node, "must be confirm, leave or dead_letter")
	}
	for _, policy := range []worker.Unmatched{worker.UnmatchedConfirm, worker.UnmatchedLeave, worker.UnmatchedDeadLetter} {
		if policy.String() == name {
			*u = Unmatched(policy)
			return nil
		}
	}
	return errorAt(node, "must be confirm, leave or dead_letter")
}

// A Duration is written as 100ms, 5s or 1m30s.
type Duration time.Duration

// UnmarshalYAML decodes a Duration.
func (d *Duration) UnmarshalYAML(node ast.Node) error {
	var text string
	if err := yaml.NodeToValue(node, &text); err != nil {
		return errorAt(node, "not a duration such as 100ms or 5s")
	}
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return errorAt(node, "not a duration such as 100ms or 5s: a number needs its unit")
	}
	*d = Duration(parsed)
	return nil
}

func (d Duration) String() string { return time.Duration(d).String() }

// errorAt is an error that is shown with the line and column of node. Its message must not quote the node's value:
// that may be a secret which came in through a variable.
func errorAt(node ast.Node, format string, args ...any) error {
	return &yaml.SyntaxError{Message: fmt.Sprintf(format, args...), Token: node.GetToken()}
}
