package usage

import "github.com/spf13/cobra"

// Commands are listed in the order in which they are added, which is the order in which they are needed.
func init() { cobra.EnableCommandSorting = false }

// examples are shown in help, by the command without the name of the program. A test sees that each line is one that the
// command takes.
var examples = map[string]string{
	"vodworker": `  vodworker demo
  vodworker init
  vodworker check
  vodworker run --config config.yaml`,
	"run": `  vodworker run
  vodworker run /etc/vodworker.yaml --log-format json`,
	"drain": `  vodworker drain --max-duration 4m
  vodworker drain --max-events 1000 --log-level warn`,
	"receive": `  vodworker receive
  vodworker receive -c callbacks.yaml`,
	"demo": `  vodworker demo`,
	"init": `  vodworker init
  vodworker init prod.yaml --sub-app-id 1500000001
  vodworker init --endpoint http://127.0.0.1:9266`,
	"check": `  vodworker check
  vodworker check --pull --json`,
	"config": `  vodworker config show
  vodworker config schema > vodworker.schema.json`,
	"config show": `  vodworker config show
  vodworker config show prod.yaml --json`,
	"config schema": `  vodworker config schema > vodworker.schema.json`,
	"settings": `  vodworker settings show
  vodworker settings set --mode PULL --upload on`,
	"settings show": `  vodworker settings show
  vodworker settings show --sub-app-id 1500000001 --json`,
	"settings set": `  vodworker settings set --mode PULL --upload on
  vodworker settings set --mode PUSH --url https://example.com/vod --sign-key-file sign.key`,
	"pull": `  vodworker pull
  vodworker pull | jq -r '.EventSet[].EventHandle' | vodworker confirm -`,
	"confirm": `  vodworker confirm 'HANDLE'
  vodworker confirm - <handles.txt`,
	"send": `  vodworker send events.jsonl
  vodworker send --concurrency 8 events.jsonl
  vodworker pull | vodworker send -`,
	"explain": `  vodworker explain 14508071098244931831
  vodworker explain 14508071098244931831 --admin http://10.1.2.3:9464 --token-file token`,
	"inbox": `  vodworker inbox list
  vodworker inbox show 387702301111111111`,
	"inbox list": `  vodworker inbox list
  vodworker inbox list --state failed --handler backend
  vodworker inbox list --limit 1000 --json`,
	"inbox show": `  vodworker inbox show 387702301111111111`,
	"deadletters": `  vodworker deadletters list
  vodworker deadletters replay --all`,
	"deadletters list": `  vodworker deadletters list
  vodworker deadletters list --json`,
	"deadletters show":   `  vodworker deadletters show 20260131`,
	"deadletters replay": `  vodworker deadletters replay --all`,
	"deadletters purge":  `  vodworker deadletters purge 20260131`,
	"emulate": `  vodworker emulate
  vodworker emulate --events 0 --every 1s
  vodworker emulate --new-account
  vodworker emulate --tls
  vodworker emulate --record events.jsonl
  vodworker emulate --replay events.jsonl --speed 10
  vodworker emulate --faults 'PullEvents:3=502,*:5%=after:reset'
  vodworker emulate --task-time 10s --procedure 'daily=Transcode:100010+CoverBySnapshot:10'`,
	"emulate upload": `  vodworker emulate upload lighthouse.mp4`,
	"emulate process": `  vodworker emulate process 387702301111111111
  vodworker emulate process 387702301111111111 --session-context 'order 42'`,
	"emulate delete":      `  vodworker emulate delete 387702301111111111`,
	"emulate pull-upload": `  vodworker emulate pull-upload https://example.com/lighthouse.mp4`,
	"emulate send": `  vodworker emulate send ProcedureStateChanged
  vodworker emulate send events.jsonl`,
	"emulate faults": `  vodworker emulate faults 'PullEvents:*=502'
  vodworker emulate faults ''`,
	"emulate fail-results": `  vodworker emulate fail-results 'Transcode:10=SourceFileError.NoVideoMedia'
  vodworker emulate fail-results '*=InternalError'
  vodworker emulate fail-results ''`,
	"emulate fidelity": `  vodworker emulate fidelity
  vodworker emulate fidelity | grep '^ProcessMedia .* guessed'`,
	"emulate advance": `  vodworker emulate advance 30s
  vodworker emulate advance 96h`,
	"emulate reset": `  vodworker emulate reset`,
	"emulate state": `  vodworker emulate state`,
	"emulate issue": `  vodworker emulate issue 1h
  export $(vodworker emulate issue 1h)`,
	"emulate health": `  vodworker emulate health
  timeout 30 sh -c 'until vodworker emulate health; do sleep 1; done'`,
	"version":    `  vodworker version`,
	"help":       `  vodworker help settings set`,
	"completion": `  vodworker completion bash`,
	"completion bash": `  source <(vodworker completion bash)
  vodworker completion bash >/etc/bash_completion.d/vodworker`,
	"completion zsh":        `  vodworker completion zsh >"${fpath[1]}/_vodworker"`,
	"completion fish":       `  vodworker completion fish >~/.config/fish/completions/vodworker.fish`,
	"completion powershell": `  vodworker completion powershell | Out-String | Invoke-Expression`,
}

// completions are the short and the long text of commands that cobra makes.
var completions = map[string][2]string{
	"completion": {
		"Print a script with which a shell completes vodworker's commands and flags",
		"Print a script with which a shell completes vodworker's commands and flags.",
	},
	"completion bash": {
		"For bash",
		"Print the script for bash. It needs the package bash-completion. The first example is for this shell, the second one for all.",
	},
	"completion zsh": {
		"For zsh",
		"Print the script for zsh. Begin a new shell after that. If nothing is completed, turn it on: autoload -U compinit; compinit",
	},
	"completion fish":       {"For fish", "Print the script for fish. Begin a new shell after that."},
	"completion powershell": {"For PowerShell", "Print the script for PowerShell. The example goes into the profile."},
}

// afterwards is what help says behind the flags.
var afterwards = map[string]string{
	"emulate": "'faults --help' says what --faults takes, 'fail-results --help' what --fail-results and --procedure do.",
	"emulate faults": `The TEXT has faults, separated by commas:

  ACTION:CALLS=[after:]WHAT

  ACTION  any that the emulator knows, such as PullEvents, or * for all
  CALLS   3        the third call
          2-5, 2-  calls 2 to 5, or from 2 on
          *        all calls
          */10     every tenth of them
          */5%     five of a hundred, which --seed decides; 5% is short for it
  WHAT    reset, cut, hang, 502, odd (the answer {}), or an API error code
  after:  the call takes effect first; cut always happens so`,
	"emulate fail-results": `The TEXT has failures, separated by commas; of several that fit a result the first one counts:

  TYPE[:DEFINITION]=CODE

  TYPE        Transcode, AnimatedGraphics, SnapshotByTimeOffset, SampleSnapshot, ImageSprites,
              CoverBySnapshot, AdaptiveDynamicStreaming, or * for any of these; or PullUpload,
              which has no DEFINITION: pulls fail, and make no file
  DEFINITION  the number of the template; without it any
  CODE        the ErrCodeExt: InvalidInput, SourceFileError or InternalError, also with a second
              part, as in SourceFileError.NoVideoMedia

The TASKS of --procedure are of the types of results: TYPE:DEFINITION, joined by +.`,
}
