package brokertest

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"
)

var serving = flag.Bool("serve", false, "have TestServe run a broker, and do what standard input says")

// Serve runs a broker for another process, whose code may not import what starts one. On standard output it writes lines of JSON. The
// first is what a configuration says of a handler for it. Then each is the answer to a line of standard input:
//
//	stop, start: null
//	read: the IDs of all messages that lie there
//
// It ends with its input. Without the flag -serve it is skipped.
func Serve(t *testing.T, open func(*testing.T) (handler string, h Harness)) {
	t.Helper()
	if !*serving {
		t.Skip("a process that needs a broker runs it")
	}
	handler, h := open(t)
	lines := json.NewEncoder(os.Stdout)
	say := func(what any) {
		if err := lines.Encode(what); err != nil {
			t.Fatal(err)
		}
	}
	say(handler)
	for orders := bufio.NewScanner(os.Stdin); orders.Scan(); {
		switch order := orders.Text(); order {
		case "stop":
			h.Server.Stop()
			say(nil)
		case "start":
			h.Server.Start()
			say(nil)
		case "read":
			ids := []string{}
			for _, m := range h.Read() {
				ids = append(ids, m.ID)
			}
			say(ids)
		default:
			t.Fatal(fmt.Errorf("there is no order %q", order))
		}
	}
}
