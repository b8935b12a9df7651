package front

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestTheSDKReachesTheEmulatorAtVODsOwnHost(t *testing.T) {
	f := emulated(t)
	client := f.client(t)
	want := f.emulator.Upload(0, "lighthouse.mp4")
	answer, err := client.PullEvents(vod.NewPullEventsRequest())
	if err != nil {
		t.Fatal(err)
	}
	if events := answer.Response.EventSet; len(events) != 1 || *events[0].FileUploadEvent.FileId != want {
		t.Errorf("it pulls %s", answer.ToJsonString())
	}
}

// client returns the SDK's, as it is for VOD itself: only its transport goes by the proxy.
func (f *fronted) client(t *testing.T) *vod.Client {
	t.Helper()
	client, err := vod.NewClient(common.NewCredential(vodtest.DefaultSecretID, vodtest.DefaultSecretKey), "ap-guangzhou",
		profile.NewClientProfile())
	if err != nil {
		t.Fatal(err)
	}
	client.WithHttpTransport(f.transport(true))
	return client
}

// A fault breaks one call off: by HTTP/2 it would be a stream that ends, and the connection would go on.
func TestACallIsBrokenOffByHTTPSToo(t *testing.T) {
	f := emulated(t)
	client := f.client(t)
	faults, err := vodtest.ParseFaults("DescribeEventsState:1=reset,DescribeEventsState:3=cut")
	if err != nil {
		t.Fatal(err)
	}
	f.emulator.Script(faults...)
	for call := 1; call <= 4; call++ {
		_, err := client.DescribeEventsState(vod.NewDescribeEventsStateRequest())
		if broken := err != nil && strings.Contains(err.Error(), "EOF"); broken != (call%2 == 1) || !broken && err != nil {
			t.Errorf("call %d ends with %v", call, err)
		}
	}
}

// A key that is not the emulator's is a real one, perhaps: it must not stay anywhere.
func TestARealKeyIsRefusedAndStaysNowhere(t *testing.T) {
	f := emulated(t)
	var kept bytes.Buffer
	const id, token = "AKID0123456789abcdefghijklmnopqrstuv", "token-0123456789abcdef"
	for _, signMethod := range []string{"TC3-HMAC-SHA256", "HmacSHA256"} {
		for _, method := range []string{"POST", "GET"} {
			settings := profile.NewClientProfile()
			settings.SignMethod, settings.HttpProfile.ReqMethod = signMethod, method
			credential := common.NewTokenCredential(id, "secret-0123456789abcdef", token)
			client, err := vod.NewClient(credential, "ap-guangzhou", settings)
			if err != nil {
				t.Fatal(err)
			}
			client.WithHttpTransport(f.transport(true))
			_, err = client.DescribeEventsState(vod.NewDescribeEventsStateRequest())
			if err == nil || !strings.Contains(err.Error(), "AuthFailure") {
				t.Errorf("%s by %s: it is answered %v", signMethod, method, err)
			}
			fmt.Fprintln(&kept, err)
		}
	}
	_, body := ask(t, f.dial(), "CONNECT www.example.com:443 HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic "+token+"\r\n\r\n")
	fmt.Fprintln(&kept, body)
	_, body = ask(t, f.dial(), "GET http://"+token+":x@www.example.com/"+id+"?Token="+token+" HTTP/1.1\r\n"+
		"Host: a\r\nAuthorization: "+id+"\r\n\r\n")
	fmt.Fprintln(&kept, body)
	f.wantError(ErrForeign)
	f.wantError(ErrForeign)
	response, err := http.Get("http://" + f.address + "/emulator/state")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(&kept, response.Body); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(&kept, f.errors)
	for _, secret := range []string{id, token, "secret-0123456789abcdef", "Signature=", "TC3-HMAC"} {
		if at := bytes.Index(kept.Bytes(), []byte(secret)); at >= 0 {
			t.Errorf("%s is in …%.200s", secret, kept.Bytes()[max(at-100, 0):])
		}
	}
}

// A proxy that cannot dial reaches nobody.
func TestNothingInThisPackageDials(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code := withoutComments(string(content))
		for _, word := range []string{"Dial", "http.Client", "http.Get", "http.Post", "http.Default", "Transport{", "ReverseProxy"} {
			if strings.Contains(code, word) {
				t.Errorf("%s has %s", file, word)
			}
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range parsed.Imports {
			path := strings.Trim(imported.Path.Value, `"`)
			calls := path == "syscall" && strings.Count(code, "syscall.") != strings.Count(code, "syscall.Stat_t")
			if calls || path == "net/http/httputil" || path == "os/exec" {
				t.Errorf("%s imports %s", file, path)
			}
		}
	}
}

func withoutComments(code string) string {
	var lines []string
	for line := range strings.Lines(code) {
		if !strings.HasPrefix(strings.TrimSpace(line), "//") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}
