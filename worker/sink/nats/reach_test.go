package nats

import (
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/vodworker/vodworker/worker/sink"
)

func TestAStreamTakesTheSubjectsThatItsPatternsMatch(t *testing.T) {
	for _, test := range []struct {
		pattern, subject string
		some, all        bool
	}{
		{"vod.>", "vod.*", true, true}, {"vod.*", "vod.*", true, true}, {">", "vod", true, true}, {"*.x", "vod.x", true, true}, {"vod.>", "vod.*.a", true, true},
		{"vod.NewFileUpload", "vod.*", true, false}, {"vod.a.>", "vod.*.*", true, false},
		{"vod", "vod.*", false, false}, {"vod.>", "vod", false, false}, {"vod.*", "vod.a.b", false, false}, {"vod.*.*", "vod.*", false, false},
		{"other.>", "vod.*", false, false}, {"vod.a", "vod.b", false, false},
	} {
		if some, all := overlap(test.pattern, test.subject), covers(test.pattern, test.subject); some != test.some || all != test.all {
			t.Errorf("%s takes some of %s: %v, all of it: %v", test.pattern, test.subject, some, all)
		}
	}
}

func TestAStreamThatWouldTakeNothingIsAMistake(t *testing.T) {
	s := open(t, good(asIs))
	for key, config := range map[string][]jetstream.StreamConfig{
		"subject": {{}, {Subjects: []string{"other.>"}}},
		"stream":  {{Subjects: []string{"vod.>"}, NoAck: true}, {Subjects: []string{"vod.>"}, Sealed: true}},
	} {
		for _, c := range config {
			if wrong, is := s.checkStream(c).(*sink.OptionError); !is || wrong.Key != key {
				t.Errorf("%+v: %v, want one of %s", c, wrong, key)
			}
		}
	}
	if err := s.checkStream(jetstream.StreamConfig{Subjects: []string{"a", "vod.>"}}); err != nil {
		t.Error(err)
	}
}

// safe is a stream that loses nothing.
var safe = jetstream.StreamConfig{Name: "VOD", Subjects: []string{"other", "vod.>"}, Storage: jetstream.FileStorage, Replicas: 3, Duplicates: 20 * time.Minute, MaxMsgSize: -1, MaxMsgs: -1, MaxBytes: -1, MaxMsgsPerSubject: -1}

func TestEachWayToLoseAnAcceptedEventIsSaidWithWhatToSet(t *testing.T) {
	for want, change := range map[string]func(*jetstream.StreamConfig){
		"set storage to file":                func(c *jetstream.StreamConfig) { c.Storage = jetstream.MemoryStorage },
		"sync_interval: always":              func(c *jetstream.StreamConfig) { c.Replicas = 1 },
		"persist_mode":                       func(c *jetstream.StreamConfig) { c.PersistMode = jetstream.AsyncPersistMode },
		"set retention to limits":            func(c *jetstream.StreamConfig) { c.Retention = jetstream.InterestPolicy },
		"(max_age)":                          func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour },
		"(max_msgs: 5); set discard to new":  func(c *jetstream.StreamConfig) { c.MaxMsgs = 5 },
		"(max_bytes: 5); set discard to new": func(c *jetstream.StreamConfig) { c.MaxBytes = 5 },
		"(max_msgs_per_subject: 1); set it to -1, or discard to new and": func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = 1 },
		"discard_new_per_subject to true":                                func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject, c.Discard = 1, jetstream.DiscardNew },
		"have it take vod.*":                                             func(c *jetstream.StreamConfig) { c.Subjects = []string{"vod.NewFileUpload", "vod.other"} },
		"set duplicate_window to 20m":                                    func(c *jetstream.StreamConfig) { c.Duplicates = 2 * time.Minute },
		"(max_msg_size)":                                                 func(c *jetstream.StreamConfig) { c.MaxMsgSize = 100 },
	} {
		config := safe
		change(&config)
		if got := risksOf(config, "vod.*", "2.15.2", 1<<20); len(got) != 1 || !strings.Contains(got[0], want) || !strings.HasPrefix(got[0], "stream VOD ") {
			t.Errorf("%q, want one with %q", got, want)
		}
	}
	if got := risksOf(safe, "vod.*", "2.15.2", 1<<20); len(got) != 0 {
		t.Errorf("%q", got)
	}
	if got := risksOf(safe, "vod.*", "2.9.10", 1<<20); len(got) != 1 || !strings.Contains(got[0], "before 2.11") {
		t.Errorf("%q", got)
	}
	full := safe
	full.MaxMsgs, full.MaxMsgsPerSubject, full.Discard, full.DiscardNewPerSubject = 5, 5, jetstream.DiscardNew, true
	if got := risksOf(full, "vod.*", "2.15.2", 1<<20); len(got) != 0 {
		t.Errorf("%q, though a full stream takes no event and drops none", got)
	}
}
