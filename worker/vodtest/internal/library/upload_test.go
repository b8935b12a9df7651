package library_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/library"
)

// uploading makes a shelf to which files can be uploaded, and returns what there is of them: the sizes of objects.
func uploading(t *testing.T) (*shelf, map[string]int64) {
	s, objects, sessions := newShelf(t), map[string]int64{}, 0
	s.rules.NewSession = func() string { sessions++; return fmt.Sprintf("session%d", sessions) }
	s.rules.Storage = library.Storage{
		Allow: func(bucket, region string, keys []string, ends time.Time) api.TempCertificate {
			name := "key of " + strings.Join(append(keys, bucket, region), " ")
			return api.TempCertificate{SecretId: name, ExpiredTime: uint64(ends.Unix())}
		},
		Uploaded: func(secretID, key string) (int64, bool) {
			size, there := objects[key]
			return size, there && strings.Contains(secretID, key)
		},
	}
	return s, objects
}

func (s *shelf) apply(p api.ApplyUpload) *api.ApplyUploadResponse {
	s.Helper()
	r, err := s.ApplyUpload(&p, s.now)
	if err != nil {
		s.Fatal(err)
	}
	return r
}

func (s *shelf) commit(session string) (*api.CommitUploadResponse, error) {
	r, err := s.CommitUpload(&api.CommitUpload{VodSessionKey: session}, s.now)
	s.Start(s.Held(), s.now)
	return r, err
}

func TestAnUploadSaysWhereToAndWithWhichKey(t *testing.T) {
	s, _ := uploading(t)
	got := s.apply(api.ApplyUpload{MediaType: "mp4", CoverType: "png", StorageRegion: "ap-singapore"})
	want := &api.ApplyUploadResponse{
		StorageBucket: "vod1500000001-1250000000", StorageRegion: "ap-singapore", VodSessionKey: "session1",
		MediaStoragePath: "/vod/1500000001/file1/f0.mp4", CoverStoragePath: "/vod/1500000001/file1/cover.png",
		TempCertificate: &api.TempCertificate{
			SecretId:    "key of vod/1500000001/file1/f0.mp4 vod/1500000001/file1/cover.png vod1500000001-1250000000 ap-singapore",
			ExpiredTime: uint64(monday.Add(24 * time.Hour).Unix()),
		},
	}
	if a, b := asJSON(t, got), asJSON(t, want); a != b {
		t.Errorf("it is %s, want %s", a, b)
	}
	if r := s.apply(api.ApplyUpload{MediaType: "mp3"}); r.CoverStoragePath != "" || r.StorageRegion != "ap-guangzhou" {
		t.Errorf("without more it is %+v", r)
	}
	if files, n := s.View(9); n != 0 || len(s.Advance(s.now)) != 0 {
		t.Errorf("there are %v before anything is uploaded", files)
	}
}

func TestACommittedUploadIsAFileWithWhatWasAskedFor(t *testing.T) {
	s, objects := uploading(t)
	s.procedure("both")
	u := s.apply(api.ApplyUpload{
		MediaType: "mov", MediaName: "lighthouse.v2", CoverType: "png", StorageRegion: "ap-singapore", Procedure: "both", ClassId: 7,
		ExpireTime: "2027-01-01T00:00:00Z", SourceContext: "from the archive", SessionContext: "order 43",
	})
	objects[keyOf(u.MediaStoragePath)], objects[keyOf(u.CoverStoragePath)] = 7_500_000, 100
	r, err := s.commit(u.VodSessionKey)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(r.MediaUrl, "/file1/f0.mov") || !strings.HasSuffix(r.CoverUrl, "/file1/cover.png") || r.FileId != "file1" {
		t.Errorf("answer is %+v", r)
	}
	info := s.media("file1")
	basic, data := info.BasicInfo, info.MetaData
	if basic.Name != "lighthouse.v2" || basic.Type != "mov" || basic.ClassId != 7 || basic.StorageRegion != "ap-singapore" ||
		basic.ExpireTime != "2027-01-01T00:00:00Z" || basic.CoverUrl != r.CoverUrl || basic.MediaUrl != r.MediaUrl ||
		basic.SourceInfo.SourceType != "Upload" || basic.SourceInfo.SourceContext != "from the archive" {
		t.Errorf("the file is %s", asJSON(t, basic))
	}
	sum := data.VideoStreamSet[0].Bitrate + data.AudioStreamSet[0].Bitrate
	if data.Size != 7_500_000 || data.Bitrate != 1_000_000 || sum < 999_990 || sum > 1_000_000 {
		t.Errorf("what is known of it is %s", asJSON(t, data))
	}

	s.pass(4 * time.Second)
	var uploaded struct{ FileUploadEvent api.FileUploadTask }
	var state struct{ ProcedureStateChangeEvent api.ProcedureTask }
	if len(s.events) != 2 {
		t.Fatalf("there are the events %v", s.events)
	}
	for i, into := range []any{&uploaded, &state} {
		if err := json.Unmarshal(s.events[i].Content, into); err != nil {
			t.Fatal(err)
		}
	}
	event, task := uploaded.FileUploadEvent, state.ProcedureStateChangeEvent
	if event.FileId != "file1" || event.ProcedureTaskId == "" || event.MediaBasicInfo.CoverUrl != r.CoverUrl ||
		event.MediaBasicInfo.SourceInfo.SourceContext != "from the archive" {
		t.Errorf("its event is %s", s.events[0].Content)
	}
	if task.TaskId != event.ProcedureTaskId || task.SessionContext != "order 43" || task.Status != "FINISH" ||
		len(task.MediaProcessResultSet) != 2 {
		t.Errorf("what follows is %s", s.events[1].Content)
	}
}

func TestACommitIsAnsweredTheSameAgain(t *testing.T) {
	s, objects := uploading(t)
	u := s.apply(api.ApplyUpload{MediaType: "mp4"})
	objects[keyOf(u.MediaStoragePath)] = 0
	first, err := s.commit(u.VodSessionKey)
	if err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(time.Hour)
	again, err := s.commit(u.VodSessionKey)
	if err != nil || *again != *first {
		t.Errorf("the second answer is %+v, %v, want %+v", again, err, first)
	}
	if s.pass(0); len(s.events) != 1 {
		t.Errorf("there are the events %v", s.events)
	}
	if basic := s.media(first.FileId).BasicInfo; basic.Name != first.FileId || basic.CoverUrl != "" {
		t.Errorf("without a name and a cover the file is %s", asJSON(t, basic))
	}
}

func TestWhatWasNotUploadedIsNotCommitted(t *testing.T) {
	s, objects := uploading(t)
	u := s.apply(api.ApplyUpload{MediaType: "mp4", CoverType: "jpg"})
	objects[u.CoverStoragePath] = 9
	for session, want := range map[string]string{
		u.VodSessionKey: "ResourceNotFound", "": "InvalidParameterValue.VodSessionKey", "other": "InvalidParameterValue.VodSessionKey",
	} {
		if _, err := s.commit(session); codeOf(err) != want {
			t.Errorf("%q is committed with %v, want %s", session, err, want)
		}
	}
	objects[keyOf(u.MediaStoragePath)] = 9
	s.now = s.now.Add(24 * time.Hour)
	if _, err := s.commit(u.VodSessionKey); codeOf(err) != "InvalidParameterValue.VodSessionKey" {
		t.Errorf("when it is over it is committed with %v", err)
	}
	s.now = s.now.Add(-1)
	if _, err := s.commit(u.VodSessionKey); err != nil {
		t.Errorf("just before it is committed with %v", err)
	}
}

func TestTheSizeOfAFileFitsItsBitrates(t *testing.T) {
	for mediaType, bitrate := range map[string]int64{"mp4": 1000, "mp3": 1000, "png": 0} {
		s, objects := uploading(t)
		u := s.apply(api.ApplyUpload{MediaType: mediaType})
		objects[keyOf(u.MediaStoragePath)] = 7500
		r, err := s.commit(u.VodSessionKey)
		if err != nil {
			t.Fatal(err)
		}
		if d := s.media(r.FileId).MetaData; d.Size != 7500 || d.Bitrate != bitrate {
			t.Errorf("of an %s it is %s", mediaType, asJSON(t, d))
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// keyOf does what the upload SDKs for Go and Python do.
func keyOf(path string) string { return path[1:] }
