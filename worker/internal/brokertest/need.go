package brokertest

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var want = flag.Bool("brokers", false, "run the tests that need brokers, each in a process of its own")

// Need skips a test that needs a broker, unless brokers are asked for. Then the programs must be there.
func Need(t testing.TB, programs ...string) {
	t.Helper()
	if !*want {
		t.Skip("it needs a broker: make brokers runs it")
	}
	alsoForRoot()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatal(err)
		}
	}
}

// alsoForRoot has programs be found where Debian puts servers, which is in nobody's PATH but root's.
var alsoForRoot = sync.OnceFunc(func() {
	_ = os.Setenv("PATH", os.Getenv("PATH")+string(filepath.ListSeparator)+"/usr/sbin")
})

// NATSServer returns the path of a nats-server as .ci/tools/go.mod has it, which is newer than Debian's. The first time it is built,
// which takes a minute.
func NATSServer(t testing.TB) string {
	t.Helper()
	path, err := natsServer()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var natsServer = sync.OnceValues(func() (string, error) {
	module, err := output("go", "env", "GOMOD")
	if err != nil {
		return "", err
	}
	return output("go", "tool", "-modfile="+filepath.Join(filepath.Dir(module), ".ci", "tools", "go.mod"), "-n", "nats-server")
})

func output(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).Output()
	if failed, is := errors.AsType[*exec.ExitError](err); is {
		err = fmt.Errorf("%w: %s", err, failed.Stderr)
	}
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// FreeAddress returns an address at which nobody listens, for a server that is to have the same one each time it starts.
func FreeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
