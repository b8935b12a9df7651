package events_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/events"
)

func TestAsDecodesIntoAStructOfYourOwn(t *testing.T) {
	type upload struct {
		FileID        string               `json:"FileId"`
		MediaMetadata struct{ Size int64 } `json:"MetaData"`
	}
	got, err := events.As[upload](decode(t, []byte(
		`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"14508071098244959037","MetaData":{"Size":9007199254740993},"New":1}}`,
	)))
	if err != nil {
		t.Fatal(err)
	}
	want := upload{FileID: "14508071098244959037"}
	want.MediaMetadata.Size = 9007199254740993
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
}

func TestAsFindsAPayloadUnderAnUndocumentedKey(t *testing.T) {
	for _, typ := range []events.Type{events.PullComplete, "NewType"} {
		got, err := events.As[vod.PullUploadTask](typed(typ, `{"PullCompleteEvent":null,"New":{"TaskId":"t"}}`))
		if err != nil || *got.TaskId != "t" {
			t.Errorf("%s: got %+v, %v", typ, got, err)
		}
	}
}

func TestAsRefusesTheSDKsTypeOfAnotherEvent(t *testing.T) {
	upload := fixture(t, events.NewFileUpload)
	refused(t, as[vod.FileDeleteTask](upload), "NewFileUpload event: v20180717.FileDeleteTask is the payload of another type")
	refused(t, as[vod.PullUploadTask](upload), "another type")
	refused(t, as[vod.ProcessImageAsync](upload), "another type")
	refused(t, as[vod.FileUploadTask](fixture(t, events.PullComplete)), "another type")
	refused(t, as[vod.ProcessImageAsync](fixture(t, events.AigcImageTaskComplete)), "another type")
	refused(t, as[vod.AigcImageTask](fixture(t, events.ProcessImageAsyncComplete)), "another type")
	// These have no type in the SDK yet, so each of its types is another's.
	refused(t, as[vod.AigcImageTask](fixture(t, events.CreateAigcCustomVoiceComplete)), "another type")
}

func TestAsAcceptsAnySDKTypeForATypeThatIsNotDocumented(t *testing.T) {
	e := typed("NewType", `{"NewEvent":{"TaskId":"t"}}`)
	for _, err := range []error{as[vod.PullUploadTask](e), as[vod.ProcessImageAsync](e), as[map[string]string](e)} {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestAsNeedsAPayload(t *testing.T) {
	for _, content := range []string{
		``, `null`, `[]`, `{}`, `{"FileUploadEvent":null}`, `{"FileUploadEvent":[]}`, `{"FileUploadEvent":"{}"}`,
		`[{"FileUploadEvent":{}}]`, `{"A":{},"B":{}}`,
	} {
		refused(t, as[vod.FileUploadTask](typed(events.NewFileUpload, content)), "it has no payload")
	}
}

func TestAMistypedFieldCostsOnlyWhoeverDecodesIt(t *testing.T) {
	const content = `{"EventHandle":"h","EventType":"PullComplete","PullCompleteEvent":{"TaskId":"t","Status":"FINISH",` +
		`"SessionContext":"c","FileId":14508071098244959037,"ErrCode":"0"}}`
	set := `[{"EventType":"FileDeleted"},` + content + `]`
	e := events.Split([]byte(set))[1]

	if all, err := e.Content(); err == nil || all != nil || !strings.Contains(err.Error(), "decode PullComplete event: ") {
		t.Errorf("Content: got %v, %v", all, err)
	}
	refused(t, as[vod.PullUploadTask](e), "decode PullComplete event: json: cannot unmarshal number")
	if err := as[struct{ TaskId string }](e); err != nil {
		t.Error(err)
	}
	got := []string{e.Handle, string(e.Type), e.FileID(), e.TaskID(), e.Status(), e.SessionContext(), string(e.Raw)}
	want := []string{"h", "PullComplete", "14508071098244959037", "t", "FINISH", "c", content}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
	if e.Repeats() || e.Key() != raw(string(e.Body())).Key() {
		t.Error("the key is not that of its body, or it repeats in spite of its task")
	}
}

func TestContentLeavesOutWhatTheSDKDoesNotKnow(t *testing.T) {
	got, err := typed("NewType", `{"EventHandle":"h","EventType":"NewType","NewEvent":{"TaskId":"t"},"Sign":"s","T":1}`).Content()
	if err != nil {
		t.Fatal(err)
	}
	handle, typ := "h", "NewType"
	if diff := cmp.Diff(&vod.EventContent{EventHandle: &handle, EventType: &typ}, got); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
}

func TestContentOfWhatIsNoObject(t *testing.T) {
	for _, content := range []string{``, `[]`, `"x"`, `1`, `{"EventType":`} {
		if got, err := raw(content).Content(); err == nil || got != nil {
			t.Errorf("%s: got %v, %v", content, got, err)
		}
	}
}

// as is for the error alone.
func as[T any](e events.Event) error {
	got, err := events.As[T](e)
	if (got == nil) == (err == nil) {
		panic("either a payload or an error")
	}
	return err
}

func refused(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %q", err, want)
	}
}
