package library_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/library"
)

// monday is when the stories here begin.
var monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// A shelf is a library with a clock.
type shelf struct {
	*testing.T
	*library.Library
	rules  *library.Rules
	now    time.Time
	events []library.Event // all of them
}

func newShelf(t *testing.T) *shelf {
	files, tasks := 0, 0
	rules := &library.Rules{
		TaskTime: 4 * time.Second,
		NewFile:  func() string { files++; return fmt.Sprintf("file%d", files) },
		NewTask: func(subAppID uint64, kind string) string {
			tasks++
			return fmt.Sprintf("%d-%s-%d", subAppID, kind, tasks)
		},
	}
	return &shelf{T: t, Library: library.New(1500000001, rules), rules: rules, now: monday}
}

// procedure makes a procedure known that transcodes and makes a cover.
func (s *shelf) procedure(name string) {
	s.rules.Procedures = map[string]library.Procedure{name: library.ProcedureOf("Transcode", 10, "CoverBySnapshot", 10)}
}

// pass lets time pass, in steps of a second.
func (s *shelf) pass(d time.Duration) {
	for end := s.now.Add(d); ; s.now = s.now.Add(time.Second) {
		s.events = append(s.events, s.Advance(s.now)...)
		if !s.now.Before(end) {
			return
		}
	}
}

// pull asks for a file, and begins what it has asked for.
func (s *shelf) pull(p api.PullUpload) (taskID string) {
	s.Helper()
	r, err := s.PullUpload(&p, s.now)
	if err != nil {
		s.Fatal(err)
	}
	s.Start(s.Held(), s.now)
	return r.TaskId
}

func (s *shelf) detail(taskID string) *api.DescribeTaskDetailResponse {
	s.Helper()
	r, err := s.DescribeTaskDetail(&api.DescribeTaskDetail{TaskId: taskID}, s.now)
	if err != nil {
		s.Fatal(err)
	}
	return r
}

func (s *shelf) media(fileID string) api.MediaInfo {
	s.Helper()
	r, err := s.DescribeMediaInfos(&api.DescribeMediaInfos{FileIds: []string{fileID}}, s.now)
	if err != nil || len(r.MediaInfoSet) != 1 {
		s.Fatalf("%s is described as %v, %v", fileID, r, err)
	}
	return r.MediaInfoSet[0]
}

// codeOf returns the Code of an error.
func codeOf(err error) string {
	var refused *api.Error
	if !errors.As(err, &refused) {
		return fmt.Sprint(err)
	}
	return refused.Code
}
