package postgrestest

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"testing"
)

var serve = flag.Bool("serve", false, "serve a database until the standard input ends")

// TestServe is a program that says where a new database is, and which process the server is.
func TestServe(t *testing.T) {
	if !*serve {
		t.Skip("it serves those who measure")
	}
	s := Start(t)
	told, err := json.Marshal(map[string]any{"URL": s.Database("bench"), "PID": s.running.Process.Pid})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(string(told))
	_, _ = io.Copy(io.Discard, os.Stdin)
}
