package vodtest

import (
	"slices"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest/internal/library"
)

func TestLookingAtAnApplicationMakesNone(t *testing.T) {
	e := New(Config{})
	fresh := stateOf(t, e)
	if fresh.SubAppID != appID || len(fresh.SubAppIDs) != 0 || fresh.Settings.Upload != "ON" {
		t.Errorf("the state is %+v", fresh)
	}
	e.Event(appID, 1)
	e.Stats(appID)
	e.Queued(appID)
	e.WhySilent(appID, "NewFileUpload")
	if e.ConfirmEvent(appID, 1) == nil || e.ExpireEvent(appID, 1) == nil {
		t.Error("there is an event")
	}
	if _, err := e.Configure([]byte(`{"SubAppId":1500000001,"Mode":"pull"}`)); err == nil {
		t.Error("a Mode is taken that is none")
	}
	e.Upload(7, "x.mp4")
	if got := stateOf(t, e).SubAppIDs; !slices.Equal(got, []uint64{7}) {
		t.Errorf("the applications are %d", got)
	}
}

func TestTheStateShowsMediaWithTheirTasksAndEvents(t *testing.T) {
	bubble(t, Config{Hold: -1}, func(t *testing.T, e *Emulator) {
		file := e.Upload(appID, "lighthouse.mp4")
		send(t, e, `{"EventType":"Odd"}`)
		task := e.Process(appID, file, "")
		configure(t, e, `{"UploadMediaCompleteEventSwitch":"OFF"}`)
		other := e.Upload(appID, "harbour.mp4")
		media := stateOf(t, e).Media
		if media.Of != 2 || len(media.Files) != 2 {
			t.Fatalf("media are %+v", media)
		}
		if got := media.Files[0]; got.FileID != other || got.Name != "harbour" || len(got.Tasks) != 0 || len(got.Events) != 0 {
			t.Errorf("the newest file is %+v", got)
		}
		got := media.Files[1]
		if got.FileID != file || len(got.Tasks) != 1 || got.Tasks[0].TaskID != task || got.Tasks[0].Status != "FINISH" ||
			len(got.Tasks[0].Results) != 2 {
			t.Errorf("the first file is %+v", got)
		}
		if want := []library.EventRef{{Number: 1, Type: "NewFileUpload"}, {Number: 3, Type: "ProcedureStateChanged"}}; !slices.Equal(
			got.Events, want) {
			t.Errorf("its events are %+v, want %+v", got.Events, want)
		}
		for _, ref := range got.Events {
			event, _ := e.Event(appID, ref.Number)
			if text := string(event); !strings.Contains(text, `"EventType":"`+ref.Type+`"`) || !strings.Contains(text, file) {
				t.Errorf("event %d is %s", ref.Number, text)
			}
		}
	})
}
