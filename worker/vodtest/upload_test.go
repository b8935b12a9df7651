package vodtest

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker/internal/pipe"
)

type applied = vod.ApplyUploadResponseParams

func apply(t *testing.T, e *Emulator, parameters string) *applied {
	t.Helper()
	return answered[*applied](t, e, request("ApplyUpload", "{"+parameters+"}"))
}

// put returns what uploads an object, signed at a time.
func put(u *applied, path, content string, now time.Time) *http.Request {
	host := *u.StorageBucket + ".cos." + *u.StorageRegion + ".myqcloud.com"
	r := httptest.NewRequest(http.MethodPut, "https://"+host+path, strings.NewReader(content))
	mac := func(key, text string) string {
		h := hmac.New(sha1.New, []byte(key))
		h.Write([]byte(text))
		return fmt.Sprintf("%x", h.Sum(nil))
	}
	from := fmt.Sprintf("%d;%d", now.Unix(), now.Unix()+600)
	sum := sha1.Sum([]byte("put\n" + path + "\n\nhost=" + host + "\n"))
	signature := mac(mac(*u.TempCertificate.SecretKey, from), fmt.Sprintf("sha1\n%s\n%x\n", from, sum))
	r.Header.Set("Authorization", fmt.Sprintf("q-sign-algorithm=sha1&q-ak=%s&q-sign-time=%s&q-key-time=%s&q-header-list=host&"+
		"q-url-param-list=&q-signature=%s", *u.TempCertificate.SecretId, from, from, signature))
	r.Header.Set("x-cos-security-token", *u.TempCertificate.Token)
	return r
}

// upload uploads the file that was applied for.
func upload(t *testing.T, e *Emulator, u *applied, content string) {
	t.Helper()
	w := httptest.NewRecorder()
	if e.ServeHTTP(w, put(u, *u.MediaStoragePath, content, time.Now())); w.Code != http.StatusOK {
		t.Fatalf("uploading is answered %d, %s", w.Code, w.Body)
	}
}

func commit(u *applied) *http.Request {
	return request("CommitUpload", fmt.Sprintf(`{"VodSessionKey":%q}`, *u.VodSessionKey))
}

func TestAFileIsUploadedAndHeardOf(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		defer e.Close()
		u := apply(t, e, `"MediaType":"mp4","MediaName":"lighthouse","Procedure":"LongVideoPreset"`)
		upload(t, e, u, "content")
		if queued := e.Queued(0); len(queued) != 0 {
			t.Errorf("before it is committed there are %v", queued)
		}
		r := answered[*vod.CommitUploadResponseParams](t, e, commit(u))
		rest()
		again := answered[*vod.CommitUploadResponseParams](t, e, commit(u))
		if *again.FileId != *r.FileId || *again.MediaUrl != *r.MediaUrl {
			t.Errorf("committed again it is %v, want %v", again, r)
		}
		var events []string
		for _, event := range e.Queued(0) {
			s := summarize(event.Content)
			events = append(events, s.Type+" "+s.FileID+" "+s.Status)
		}
		want := []string{"NewFileUpload " + *r.FileId + " ", "ProcedureStateChanged " + *r.FileId + " FINISH"}
		if !reflect.DeepEqual(events, want) {
			t.Errorf("events are %q, want %q", events, want)
		}
	})
}

func TestAnUploadOfAnotherApplicationIsNotCommitted(t *testing.T) {
	e := New(Config{})
	u := apply(t, e, `"MediaType":"mp4","SubAppId":7`)
	upload(t, e, u, "content")
	_, _, body := ask(e, commit(u))
	if got := answeredCode(t, body); got != "InvalidParameterValue.VodSessionKey" {
		t.Errorf("answer is %s", body)
	}
}

func TestAResetForgetsWhatIsBeingUploaded(t *testing.T) {
	e := New(Config{})
	defer e.Close()
	u := apply(t, e, `"MediaType":"mp4"`)
	upload(t, e, u, "content")
	e.Reset()
	w := httptest.NewRecorder()
	if e.ServeHTTP(w, put(u, *u.MediaStoragePath, "", time.Now())); w.Code != http.StatusForbidden {
		t.Errorf("uploading is answered %d, %s", w.Code, w.Body)
	}
	if _, _, body := ask(e, commit(u)); answeredCode(t, body) != "InvalidParameterValue.VodSessionKey" {
		t.Errorf("committing is answered %s", body)
	}
}

func TestAnUploadsKeyEndsAndItsSignaturesAreOfTheEmulatorsClock(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, e *Emulator) {
		u := apply(t, e, `"MediaType":"mp4"`)
		try := func(signed time.Time, want string) {
			t.Helper()
			w := httptest.NewRecorder()
			e.ServeHTTP(w, put(u, *u.MediaStoragePath, "content", signed))
			if got := w.Body.String(); !strings.Contains(got, want) || want == "" && got != "" {
				t.Errorf("answer is %s, want %s", got, want)
			}
		}
		try(time.Now(), "")
		e.SetSkew(time.Hour)
		try(time.Now(), "Request has expired")
		try(time.Now().Add(time.Hour), "")
		e.SetSkew(0)
		time.Sleep(24*time.Hour - time.Nanosecond)
		try(time.Now(), "")
		time.Sleep(time.Nanosecond)
		if try(time.Now(), "ExpiredToken"); time.Now().Unix() != int64(*u.TempCertificate.ExpiredTime) {
			t.Errorf("it ends at %d", *u.TempCertificate.ExpiredTime)
		}
	})
}

func TestAnUploadsKeyEndsByTheSameClockAsOtherKeys(t *testing.T) {
	bubble(t, Config{Skew: time.Minute}, func(t *testing.T, e *Emulator) {
		issued := e.Issue(24 * time.Hour)
		u := apply(t, e, `"MediaType":"mp4"`)
		if got := int64(*u.TempCertificate.ExpiredTime); got != issued.Ends.Unix() {
			t.Errorf("it ends at %d, and another of 24 hours at %d", got, issued.Ends.Unix())
		}
		for skew, want := range map[time.Duration]int{24 * time.Hour: 200, 24*time.Hour + time.Minute: 403} {
			e.SetSkew(skew)
			w := httptest.NewRecorder()
			e.ServeHTTP(w, put(u, *u.MediaStoragePath, "content", time.Now().Add(skew)))
			if w.Code != want || want == 403 && !strings.Contains(w.Body.String(), "ExpiredToken") {
				t.Errorf("with a clock that is %v ahead the answer is %d, %s", skew, w.Code, w.Body)
			}
		}
	})
}

func TestAClosedEmulatorTakesNoUpload(t *testing.T) {
	e := New(Config{})
	u := apply(t, e, `"MediaType":"mp4"`)
	server := pipe.Serve(t, e)
	e.Close()
	r := put(u, *u.MediaStoragePath, "content", time.Now())
	r.URL.Scheme, r.RequestURI = "http", ""
	if status, body, err := roundTrip(t, server, r); err == nil {
		t.Errorf("answer is %d, %s", status, body)
	}
}

// What is uploaded with is a secret, as other keys are.
func TestNoStateHasTheKeyOfAnUpload(t *testing.T) {
	e := New(Config{})
	u := apply(t, e, `"MediaType":"mp4"`)
	upload(t, e, u, "content")
	answered[json.RawMessage](t, e, commit(u))
	state := string(e.State(0, Filter{}))
	for _, secret := range []string{*u.TempCertificate.SecretKey, *u.TempCertificate.Token, *u.VodSessionKey} {
		if strings.Contains(state, secret) {
			t.Errorf("%s is in %s", secret, state)
		}
	}
}
