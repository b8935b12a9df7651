package main

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
	"github.com/vodworker/vodworker/worker/vodtest/console"
)

const pageOfTests = "worker/vodtest/TESTS.md"

// pageTests are the tests of the page: by the command that runs each, which the page shows, and one that fails where that
// can't run.
var pageTests = map[string]struct{ command, probe []string }{
	"redelivery_test.go": {[]string{"go", "test"}, []string{"go", "version"}},
	"redelivery.js":      {[]string{"node", "--test"}, []string{"node", "-e", "require('tencentcloud-sdk-nodejs-vod')"}},
	"test_redelivery.py": {[]string{"python3", "-m", "unittest"}, []string{"python3", "-c", "import tencentcloud.vod"}},
}

// Whoever copies a test from the page gets one that passes, and that fails if the event does not come again.
func TestTheTestsOfThePage(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts programs in other languages")
	}
	t.Parallel()
	page := document(t, pageOfTests)
	programs := programsOf(page)
	wantEqual(t, "programs", len(programs), len(pageTests))
	for file, how := range pageTests {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			if shown := strings.Join(append(slices.Clone(how.command), file), " "); !strings.Contains(page, "`"+shown+"`") {
				t.Errorf("the page does not show the command %s", shown)
			}
			dir := folderOfPageTest(t, file, programs[file])
			in := func(endpoint string, words ...string) ([]byte, error) {
				cmd := exec.Command(words[0], words[1:]...)
				if cmd.Dir = dir; strings.HasSuffix(file, ".go") {
					cmd.Dir = "" // in the module
				}
				cmd.Env = append(os.Environ(), "VOD_ENDPOINT="+endpoint)
				return cmd.CombinedOutput()
			}
			if out, err := in("", how.probe...); err != nil {
				t.Skipf("not run, since %q fails: %v %s", how.probe, err, out)
			}
			name := file
			if strings.HasSuffix(file, ".go") {
				name = filepath.Join(dir, file)
			}
			words := append(slices.Clone(how.command), name)
			if out, err := in(emulatorOfPageTest(t, 30*time.Second), words...); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			if strings.HasSuffix(file, ".go") {
				return // which starts an emulator of its own
			}
			if out, err := in(emulatorOfPageTest(t, time.Hour), words...); err == nil {
				t.Errorf("it passes though no event comes again:\n%s", out)
			}
		})
	}
}

// The page says which version of an SDK was tried. Those that are tried at each change are those that are required.
func TestThePageNamesTheVersionsOfTheSDKs(t *testing.T) {
	page := document(t, pageOfTests)
	for path, required := range map[string]*regexp.Regexp{
		"go.mod": regexp.MustCompile(`/tencentcloud/vod v(\S+)`),
		"worker/vodtest/testdata/node/package.json": regexp.MustCompile(`"tencentcloud-sdk-nodejs-vod": "(.*)"`),
	} {
		version := required.FindStringSubmatch(document(t, path))
		if version == nil || !strings.Contains(page, "| "+version[1]+" ¹ |") {
			t.Errorf("%s requires %q, which the page does not name", path, version)
		}
	}
}

// folderOfPageTest has a test of the page, and the SDK that `make sdks` has installed.
func folderOfPageTest(t *testing.T, file, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	modules, err := filepath.Abs(filepath.Join("..", "..", "worker", "vodtest", "testdata", "node", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Skip(err)
	}
	return dir
}

// emulatorOfPageTest starts an emulator that others have used, and returns its URL.
func emulatorOfPageTest(t *testing.T, window time.Duration) string {
	e := vodtest.New(vodtest.Config{Window: window, Hold: 50 * time.Millisecond})
	e.Upload(0, "of-another-test.mp4")
	server := httptest.NewServer(console.Handler(e, console.Options{}))
	t.Cleanup(func() {
		e.Close()
		server.Close()
	})
	return server.URL
}
