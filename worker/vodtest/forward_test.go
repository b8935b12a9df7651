package vodtest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"
)

// stub returns a server that answers every request, and tells what it was asked.
func stub(t *testing.T) (url string, asked chan *http.Request) {
	t.Helper()
	asked = make(chan *http.Request, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		asked <- r
		_, _ = io.WriteString(w, `{"Response":{"TotalCount":3,"RequestId":"stub"}}`)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func TestOtherActionsAreHandedOnToAStub(t *testing.T) {
	eachSignature(t, func(t *testing.T, signature, method string) {
		server := NewServer(t, Config{Hold: -1})
		url, asked := stub(t)
		if err := server.ForwardTo(url + "/stub"); err != nil {
			t.Fatal(err)
		}
		client := sdkClient(t, DefaultSecretID, DefaultSecretKey, strings.TrimPrefix(server.URL, "http://"), method)
		client.WithSignatureMethod(signature)
		request := vod.NewDescribeTranscodeTemplatesRequest()
		request.Limit = common.Uint64Ptr(7)
		answer, err := client.DescribeTranscodeTemplates(request)
		if err != nil {
			t.Fatal(err)
		}
		if *answer.Response.TotalCount != 3 || *answer.Response.RequestId != "stub" {
			t.Errorf("answer is %s", answer.ToJsonString())
		}
		got := <-asked
		body, _ := io.ReadAll(got.Body)
		all := got.URL.RawQuery + string(body)
		if got.URL.Path != "/stub" || !strings.Contains(all, "Limit") || got.Header.Get("Authorization") != "" ||
			strings.Contains(all, DefaultSecretID) || strings.Contains(all, "Signature=") {
			t.Errorf("the stub is asked %s %s %v %s", got.Method, got.URL, got.Header, body)
		}

		state := vod.NewDescribeEventsStateRequest() // is the emulator's own
		if _, err := client.DescribeEventsState(state); err != nil || len(asked) > 0 {
			t.Errorf("DescribeEventsState returns %v, and the stub is asked %d times", err, len(asked))
		}
	})
}

func TestNothingIsHandedOnWithoutAGoodSignature(t *testing.T) {
	stubURL, asked := stub(t)
	e := New(Config{})
	if err := e.ForwardTo(stubURL); err != nil {
		t.Fatal(err)
	}
	const action = "DescribeTranscodeTemplates"
	mine, unsigned := request(action, `{}`), request(action, `{}`)
	signAs(mine, DefaultSecretID, "other", []byte(`{}`), "content-type", "host")
	unsigned.Header.Del("Authorization")
	unsignedV1 := v1Request("POST", action, nil)
	unsignedV1.Body = io.NopCloser(strings.NewReader("Action=" + action + "&SecretId=" + DefaultSecretID))
	unreadable := v1Request("GET", action, nil)
	unreadable.URL.RawQuery += "&Name=%zz"
	for name, test := range map[string]struct {
		r    *http.Request
		code string
	}{
		"another key's":              {mine, "AuthFailure.SignatureFailure"},
		"none":                       {unsigned, "AuthFailure.InvalidAuthorization"},
		"none, of version 1":         {unsignedV1, "MissingParameter"},
		"a form that cannot be read": {unreadable, "InvalidParameter"},
	} {
		_, _, answer := ask(e, test.r)
		if got := answeredCode(t, answer); got != test.code || len(asked) > 0 {
			t.Errorf("%s: answer is %s, want %s, and the stub is asked %d times", name, answer, test.code, len(asked))
		}
	}
}

func TestCloseEndsCallsThatAStubIsAsked(t *testing.T) {
	asked := make(chan struct{}, 10)
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		<-r.Context().Done() // until nobody waits for the answer
	}))
	t.Cleanup(slow.Close)
	calls := make(chan Call, 2)
	e := New(Config{Observe: func(c Call) { calls <- c }})
	if err := e.ForwardTo(slow.URL); err != nil {
		t.Fatal(err)
	}
	broken := make(chan any, 2)
	call := func() {
		defer func() { broken <- recover() }()
		ask(e, request("DescribeTranscodeTemplates", `{}`))
	}
	go call()
	<-asked
	e.Close()
	for _, forwarded := range []bool{true, false} { // the call that was out, and a later one
		if got := <-broken; got != http.ErrAbortHandler {
			t.Errorf("the connection is not broken, but %v", got)
		}
		if got := <-calls; got.Err != errClosed || got.Forwarded != forwarded || got.Took > 5*time.Second { // a stub may take 10 s
			t.Errorf("the call is %+v", got)
		}
		if forwarded {
			call()
		}
	}
	if len(asked) > 0 {
		t.Error("the stub is asked after Close")
	}
}

func TestAStubThatDoesNotAnswerIsAnError(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	e := New(Config{})
	if err := e.ForwardTo(server.URL); err != nil {
		t.Fatal(err)
	}
	_, _, answer := ask(e, request("DescribeTranscodeTemplates", `{}`))
	var said struct {
		Response struct {
			Error struct{ Code, Message string }
		}
	}
	if err := json.Unmarshal([]byte(answer), &said); err != nil {
		t.Fatal(err)
	}
	if got := said.Response.Error; got.Code != "InternalError" || !strings.Contains(got.Message, "--forward") {
		t.Errorf("answer is %s", answer)
	}
}

// Only the race detector can tell.
func TestAStubMayComeWhileCallsAreMade(t *testing.T) {
	e := New(Config{})
	var calls sync.WaitGroup
	for range 4 {
		calls.Go(func() { ask(e, request("DescribeTranscodeTemplates", `{}`)) })
	}
	if err := e.ForwardTo("http://127.0.0.1:1/"); err != nil {
		t.Error(err)
	}
	calls.Wait()
}

func TestCallsThatAStubAnswersAreNotCounted(t *testing.T) {
	var last Call
	e := New(Config{RoundTrip: time.Hour, Quota: Quota{Rates: map[string]int{"DescribeTranscodeTemplates": 1}},
		Observe: func(c Call) { last = c }})
	url, _ := stub(t)
	if err := e.ForwardTo(url); err != nil {
		t.Fatal(err)
	}
	e.Script(Fault{Code: "InternalError"})
	for range 2 {
		if _, _, answer := ask(e, request("DescribeTranscodeTemplates", `{"SubAppId":7}`)); answeredCode(t, answer) != "" {
			t.Errorf("answer is %s", answer)
		}
		if last.Action != "DescribeTranscodeTemplates" || last.Number != 0 || !last.Forwarded || last.Fault != nil || last.Err != nil {
			t.Errorf("the call is %+v", last)
		}
	}
	if got := e.Stats(7).Calls; len(got) != 0 {
		t.Errorf("calls are %v", got)
	}
	if got := stateOf(t, e).Calls; len(got) != 2 || !got[0].Forwarded {
		t.Errorf("the state's calls are %+v", got)
	}
}

func TestNothingIsForwardedToVOD(t *testing.T) {
	for _, url := range []string{"https://vod.tencentcloudapi.com", "http://VOD.intl.tencentcloudapi.com.:80/x", "ftp://127.0.0.1",
		"127.0.0.1:80"} {
		if err := New(Config{}).ForwardTo(url); err == nil {
			t.Errorf("%s is taken", url)
		}
	}
}

func TestWithoutAStubOtherActionsSayWhoHasThem(t *testing.T) {
	for action, want := range map[string]string{
		"DescribeTranscodeTemplates": "UnsupportedOperation: VOD has the action DescribeTranscodeTemplates, and this emulator does not",
		"DescribeTranscodeTemplate":  `InvalidAction: there is no action "DescribeTranscodeTemplate"`,
	} {
		_, _, answer := ask(New(Config{}), request(action, `{}`))
		var said struct {
			Response struct{ Error APIError }
		}
		if err := json.Unmarshal([]byte(answer), &said); err != nil {
			t.Fatal(err)
		}
		if got := said.Response.Error.Error(); !strings.HasPrefix(got, want) {
			t.Errorf("%s is answered %s, want %s", action, got, want)
		}
	}
}
