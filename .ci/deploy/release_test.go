package deploy

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Whoever builds a commit gets the bytes that others got, wherever his folder is.
func TestAReleaseIsTheSameFromTwoFolders(t *testing.T) {
	var sums []string
	var folder string
	for _, name := range []string{"a", "another/folder with a longer name"} {
		folder = filepath.Join(t.TempDir(), name)
		output(t, "git", "clone", "-q", "--no-local", root, folder)
		output(t, filepath.Join(folder, ".ci", "release"))
		sums = append(sums, read(t, filepath.Join(folder, "dist", "SHA256SUMS")))
		check := exec.Command("sha256sum", "--check", "--quiet", "SHA256SUMS")
		check.Dir = filepath.Join(folder, "dist")
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
	wantEqual(t, "the other folder's sums", sums[1], sums[0])
	commit, date := output(t, root+"/.ci/version", "commit"), output(t, root+"/.ci/version", "date")
	says := fmt.Sprintf("(commit %s, %s)", strings.TrimSpace(commit), strings.TrimSpace(date))
	if got := output(t, filepath.Join(folder, "dist", "vodworker-linux-"+runtime.GOARCH), "version"); !strings.Contains(got, says) {
		t.Errorf("%s, want it to have %s", got, says)
	}
	for _, file := range []string{
		"vodworker-linux-amd64", "vodworker-linux-arm64", "vodworker-darwin-amd64", "vodworker-darwin-arm64",
		"vodworker-image-linux-amd64.tar", "vodworker-image-linux-arm64.tar",
		"vodworker-emulator-image-linux-amd64.tar", "vodworker-emulator-image-linux-arm64.tar", "ca-certificates.crt", "vodworker-chart-",
	} {
		if !strings.Contains(sums[0], "  "+file) {
			t.Errorf("there is no %s:\n%s", file, sums[0])
		}
	}
}

// Who calls a method by a name that is only known at run time, as text/template does, has the linker keep every exported method.
func TestAReleasedProgramIsSmall(t *testing.T) {
	const most = 32 << 20 // 7.6 MiB of it are the databases of an inbox: SQLite, and the client of Postgres
	program := filepath.Join(t.TempDir(), "vodworker")
	// What a linker says is said again by later builds of the same package, whatever their flags for the linker are: so one for the
	// compiler makes it another package.
	build := exec.Command("go", "build", "-trimpath", "-gcflags=-dwarf=false", "-ldflags", "-s -w -dumpdep", "-o", program,
		"./cmd/vodworker")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOFLAGS=")
	calls, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, calls)
	}
	for line := range strings.Lines(string(calls)) {
		if caller, _, _ := strings.Cut(line, " -> "); strings.Contains(caller, "<ReflectMethod>") {
			t.Errorf("%s calls methods by their names", caller)
			break
		}
	}
	if n := len(read(t, program)); n > most {
		t.Errorf("%d bytes, want at most %d", n, most)
	}
}

// A version is its tag's, without the v; where there is no tag it is below all that have one, and names the commit.
func TestAVersionIsThatOfTheReleasesTag(t *testing.T) {
	folder := t.TempDir()
	git := func(args ...string) string {
		return strings.TrimSpace(output(t, "git", append([]string{"-C", folder, "-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...))
	}
	git("init", "-q")
	write(t, filepath.Join(folder, ".ci/version"), read(t, root+"/.ci/version"), 0o755)
	git("add", ".")
	git("commit", "-qm", "x", "--date", "2026-01-02T03:04:05+08:00")
	version := func(args ...string) string {
		return strings.TrimSpace(output(t, filepath.Join(folder, ".ci/version"), args...))
	}
	commit := git("rev-parse", "HEAD")
	wantEqual(t, "no tag", version(), "0.0.0-"+commit[:12])
	wantEqual(t, "commit", version("commit"), commit)
	git("tag", "v1.9.0")
	git("tag", "v1.10.0")
	git("tag", "other")
	wantEqual(t, "tag", version(), "1.10.0")
	write(t, filepath.Join(folder, ".ci/version"), read(t, root+"/.ci/version")+"\n", 0o755)
	wantEqual(t, "changed", version(), "1.10.0-dirty")
}
