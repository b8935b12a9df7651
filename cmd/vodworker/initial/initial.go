// Package initial writes the configuration that somebody begins with, from what was found. It reads and asks nothing itself.
package initial

import (
	"fmt"
	"strings"

	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/cmd/vodworker/watch"
)

// Found is what is known of an application. None of it may be a secret: it is written down.
type Found struct {
	Endpoint string // the API's
	SubAppID uint64 // 0: the default application
	KeyFrom  string // where the API key is; empty: there is none that can be used

	Settings []watch.Finding // what VOD says of the mode and of the switches; none: it has not said it
	Unknown  string          // why it has not: half a sentence

	PostsTo string // the host that VOD posts events to, in the mode PUSH; empty: none
}

// Text returns a configuration that is complete: it prints events. It has examples, commented out by #: for more.
func (f Found) Text() []byte {
	var t text
	t.lines(
		`# The configuration of vodworker, as "vodworker init" has written it. "vodworker check" tries it, and changes nothing.`,
		"# Every key is in config.yaml of https://github.com/vodworker/vodworker. Examples are commented out by #:",
	)
	f.account(&t)
	f.settings(&t)
	t.lines("",
		"worker:",
		"  # What becomes of events that no handler wants: they go to the dead letters. With confirm they are gone; with leave they",
		"  # come again every 30 s, for other programs.",
		"  unmatched: dead_letter",
		"",
		"# Where events go. An event is CONFIRMED, and so gone from VOD's queue, when every handler that wants it has succeeded.",
		"# Printing succeeds at once: put a handler of yours in its place before this runs where events matter, and run nothing",
		"# beside another program that pulls events of the same application.",
		"handlers:",
		"  - name: print",
		`    events: ["*"] # every type; or such as [NewFileUpload, "*Complete"]`,
		"    stdout: {format: text}",
		"#:  - name: backend",
		"#:    events: [NewFileUpload, ProcedureStateChanged]",
		"#:    # Posts what a normal callback of VOD would, signed with the base64 secret that this variable holds.",
		"#:    webhook:",
		"#:      url: https://example.com/vod",
		`#:      secret: "${HOOK_SECRET}"`,
		"#:      success: {json: code, in: [0]} # only if it refuses with a 200: the answer that is success",
		"#:      headers: {X-Tenant: shop} # sent with each post",
		"#:  - name: program",
		"#:    events: [ProcedureStateChanged]",
		"#:    where: {json: ProcedureStateChangeEvent.ErrCode, not_in: [0]} # by content: only tasks that failed",
		"#:    exec: {command: [./on-event.sh]} # gets the event's JSON on its standard input; exit code 0 is success",
		"#:  - name: archive",
		"#:    file: {path: events.jsonl} # appends a line of JSON",
		"#:  - name: broker",
		`#:    kafka: {brokers: ["k1.example.com:9092"], topic: vod} # or nats, redis, rabbitmq`,
		"",
		"# Events that handlers can't handle go here, and are not lost: see \"vodworker deadletters\". The folder is made; a service",
		"# needs a full path, such as /var/lib/vodworker/dead.",
		"dead_letters: {dir: dead}",
	)
	f.callback(&t)
	return []byte(t.String())
}

// account is what says whose events they are.
func (f Found) account(t *text) {
	t.lines("",
		"vod:",
		"  # International site: https://vod.intl.tencentcloudapi.com. The emulator: http://127.0.0.1:9266.",
		"  endpoint: "+f.Endpoint,
		"  # Empty is the default application. Accounts opened since 2023-12-25 must name theirs, as in [1500000001].",
	)
	if f.SubAppID == 0 {
		t.lines("  sub_app_ids: []")
	} else {
		t.lines(fmt.Sprintf("  sub_app_ids: [%d]", f.SubAppID))
	}
	if f.KeyFrom != "" {
		t.lines("  # The API key stays where it was found: " + show.Plain(f.KeyFrom) + ".")
	} else {
		t.lines("  # No API key was found that can be used: set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or name files.")
	}
	t.lines("#:  credentials: {secret_id_file: /etc/vodworker/secret_id, secret_key_file: /etc/vodworker/secret_key}")
}

// settings is what VOD says, for whoever reads the file. It is true when it is written, and so it is dated by how to ask again.
func (f Found) settings(t *text) {
	t.lines("")
	if len(f.Settings) == 0 {
		t.say("What VOD sends is not known: " + f.Unknown + `. "vodworker settings show" asks VOD.`)
		return
	}
	t.say(`What VOD sent when this was written. "vodworker settings show" asks VOD again.`)
	for _, one := range f.Settings {
		t.lines(fmt.Sprintf("#   %-11s  %s", show.Plain(one.Setting), show.Plain(one.Found)))
		if one.Mend != "" {
			t.lines("#                To change that: " + show.Plain(one.Mend))
		}
	}
}

// callback is for the mode PUSH, in which the queue stays empty. Nothing listens until somebody has decided that it is to.
func (f Found) callback(t *text) {
	switch {
	case len(f.Settings) == 0:
		t.lines("", `# Only for the mode PUSH, in which VOD posts events and queues none: "vodworker run" receives them, too.`)
	case f.PostsTo != "":
		t.lines("")
		t.say("VOD posts events to " + f.PostsTo + ", and queues none. The command above changes that: it is the surer way. Or")
		t.lines(`# let that URL lead to "vodworker run", which receives here. After some 15 s without an answer an event is gone.`)
	default:
		return
	}
	t.lines("#:callback:", `#:  listen: ":8080"`)
	if f.SubAppID != 0 {
		t.lines(fmt.Sprintf("#:  sub_app_id: %d", f.SubAppID))
	}
	t.lines("#:  # The key that VOD signs callbacks with. Without it, whoever reaches the address can forge events.",
		`#:  sign_key: "${VOD_SIGN_KEY}"`)
}

// A text is a configuration that grows.
type text struct{ strings.Builder }

func (t *text) lines(lines ...string) {
	for _, line := range lines {
		t.WriteString(line + "\n")
	}
}

// say adds a comment, in which others' words stay.
func (t *text) say(comment string) { t.lines("# " + show.Plain(comment)) }
