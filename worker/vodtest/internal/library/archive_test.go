package library

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// t0 is when the archive is new.
var t0 = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// An archive is a library whose files are called f1, f2 and so on.
type archive struct {
	t *testing.T
	*Library
}

func newArchive(t *testing.T) archive { return archive{t, New(1500000001, archiveRules())} }

func archiveRules() *Rules {
	files, tasks := 0, 0
	return &Rules{
		TaskTime: time.Minute,
		NewFile:  func() string { files++; return fmt.Sprintf("f%d", files) },
		NewTask:  func(uint64, string) string { tasks++; return fmt.Sprintf("t%d", tasks) },
	}
}

// put uploads files, one a second from t0 on.
func (s archive) put(names ...string) {
	for _, name := range names {
		s.Upload(name, t0.Add(time.Duration(s.ordered.Len())*time.Second))
	}
	s.Advance(t0)
}

// info describes one file.
func (s archive) info(fileID string, now time.Time) api.MediaInfo {
	s.t.Helper()
	r, err := s.DescribeMediaInfos(&api.DescribeMediaInfos{FileIds: []string{fileID}}, now)
	if err != nil || len(r.MediaInfoSet) != 1 {
		s.t.Fatalf("describing %s: %+v, %v", fileID, r, err)
	}
	return r.MediaInfoSet[0]
}

func (s archive) modify(p api.ModifyMediaInfo) {
	s.t.Helper()
	if p.FileId == "" {
		p.FileId = "f1"
	}
	if _, err := s.ModifyMediaInfo(&p, t0.Add(time.Hour)); err != nil {
		s.t.Fatal(err)
	}
}

func (s archive) found(p api.SearchMedia) []string {
	s.t.Helper()
	r, err := s.SearchMedia(&p, t0.Add(time.Hour))
	if err != nil {
		s.t.Fatal(err)
	}
	ids := []string{}
	for _, info := range r.MediaInfoSet {
		ids = append(ids, info.FileId)
	}
	return ids
}

// refusal returns the code of an error of the API.
func refusal(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var refused *api.Error
	if !errors.As(err, &refused) {
		t.Fatalf("%v is no error of the API", err)
	}
	if n := len(refused.Message); n > 1000 {
		t.Errorf("the message has %d bytes: %s", n, refused.Message)
	}
	return refused.Code
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func ptr[T any](v T) *T { return &v }
