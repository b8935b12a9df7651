package deploy

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// address is one by which neighbours call, which is none of the loopback's.
const address = "192.0.2.2"

// A container is what Docker makes of an image: its files alone, which nobody can write to, its user and its environment, in a
// network that it has for itself and its neighbours.
type container struct {
	t       *testing.T
	folder  string
	user    int
	config  v1.Config
	network string // a file
	process *os.Process
	ended   func() (log string, err error) // waits for the process
}

// startEmulator starts the emulator's image, and waits until it says that it serves.
func startEmulator(t *testing.T, env []string, args ...string) *container {
	t.Helper()
	image := image(t, "vodworker-emulator", runtime.GOARCH)
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	user, _, _ := strings.Cut(file.Config.User, ":")
	id, err := strconv.Atoi(user)
	if err != nil {
		t.Fatal(err)
	}
	c := &container{t: t, folder: openFolder(t), user: id, config: file.Config}
	unpack(t, image, c.folder)
	c.config.Env = append(c.config.Env, env...)
	c.start(append(append(c.config.Entrypoint, c.config.Cmd...), args...)...)
	return c
}

// start runs what the container is for, until the test ends at the latest.
func (c *container) start(args ...string) {
	c.t.Helper()
	alone := []string{"--net", "sh", "-c", `ip link set lo up && ip address add ` + address + ` dev lo && exec "$@"`, "sh"}
	if out, err := exec.Command("unshare", append(alone, "true")...).CombinedOutput(); err != nil {
		c.t.Skipf("it takes root, and networks: %v\n%s", err, out)
	}
	cmd := exec.Command("unshare", append(alone, inRoot(c.t, c.folder, c.user, args...).Args...)...)
	cmd.Env = append([]string{}, c.config.Env...)
	pipe, err := cmd.StderrPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	log := bufio.NewReader(pipe)
	c.process, c.network = cmd.Process, fmt.Sprintf("/proc/%d/ns/net", cmd.Process.Pid)
	c.ended = sync.OnceValues(func() (string, error) {
		text, _ := io.ReadAll(log)
		return string(text), cmd.Wait()
	})
	c.t.Cleanup(func() {
		_ = c.process.Kill()
		_, _ = c.ended()
	})
	for line := ""; !strings.Contains(line, "emulating the VOD API"); {
		before := line
		if line, err = log.ReadString('\n'); err != nil {
			c.t.Fatalf("it does not serve: %s%s", before, line)
		}
	}
}

// stop ends the container as docker stop does, and returns what it has logged since it served.
func (c *container) stop() (log string, err error) {
	if err := c.process.Signal(syscall.SIGTERM); err != nil {
		return "", err
	}
	defer time.AfterFunc(patience, func() { _ = c.process.Kill() }).Stop()
	return c.ended()
}

// command returns one that runs in the container, as docker exec does.
func (c *container) command(args ...string) *exec.Cmd {
	cmd := exec.Command("nsenter", append([]string{"--net=" + c.network}, inRoot(c.t, c.folder, c.user, args...).Args...)...)
	cmd.Env = append([]string{}, c.config.Env...)
	return cmd
}

// must runs a command in the container, and returns what it prints.
func (c *container) must(args ...string) string {
	c.t.Helper()
	cmd := c.command(args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("%v: %v\n%s%s", args, err, out, &errs)
	}
	return string(out)
}

// neighbour returns another container in the network, with the program, for which names are those of the first.
func (c *container) neighbour(names ...string) *container {
	c.t.Helper()
	n := &container{t: c.t, folder: openFolder(c.t), user: c.user, network: c.network}
	output(c.t, "cp", program, filepath.Join(n.folder, "vodworker"))
	write(c.t, filepath.Join(n.folder, "etc/hosts"), fmt.Sprintln(address, strings.Join(names, " ")), 0o644)
	return n
}

// openFolder makes one that every user can enter.
func openFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	return folder
}
