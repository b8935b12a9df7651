package library

import (
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

func TestAFileIsDeletedWhenItExpires(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4", "b.mp4", "c.mp4")
	s.modify(api.ModifyMediaInfo{FileId: "f1", ExpireTime: ptr("2026-03-03T00:00:00Z")})
	s.modify(api.ModifyMediaInfo{FileId: "f2", ExpireTime: ptr("2026-03-02T08:00:00+08:00")})
	if got := s.info("f2", t0).BasicInfo.ExpireTime; got != "2026-03-02T00:00:00Z" {
		t.Errorf("its ExpireTime is %s", got)
	}
	due := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	if next, ok := s.Next(); !ok || !next.Equal(due) {
		t.Errorf("next is %v, %v", next, ok)
	}
	if events := s.Advance(due.Add(-1)); len(events) != 0 {
		t.Errorf("before it expires there are %s", events)
	}
	events := s.Advance(due)
	if len(events) != 1 || events[0].Type != "FileDeleted" || events[0].FileID != "f2" {
		t.Errorf("when it expires there are %s", events)
	}
	if events = s.Advance(due.Add(24 * time.Hour)); len(events) != 1 || events[0].FileID != "f1" {
		t.Errorf("when the other expires there are %s", events)
	}
	if next, ok := s.Next(); ok {
		t.Errorf("there is another due at %v", next)
	}
	s.info("f3", due)
}

func TestAFileThatHasExpiredIsThereForNoAction(t *testing.T) {
	for name, gone := range map[string]func(archive, time.Time) bool{
		"DescribeMediaInfos": func(s archive, now time.Time) bool {
			r, err := s.DescribeMediaInfos(&api.DescribeMediaInfos{FileIds: []string{"f1"}}, now)
			return err == nil && len(r.NotExistFileIdSet) == 1
		},
		"SearchMedia": func(s archive, now time.Time) bool {
			r, err := s.SearchMedia(&api.SearchMedia{}, now)
			return err == nil && r.TotalCount == 0
		},
		"ModifyMediaInfo": func(s archive, now time.Time) bool {
			_, err := s.ModifyMediaInfo(&api.ModifyMediaInfo{FileId: "f1"}, now)
			return refusal(s.t, err) == "ResourceNotFound.FileNotExist"
		},
		"DeleteMedia": func(s archive, now time.Time) bool {
			_, err := s.DeleteMedia(&api.DeleteMedia{FileId: "f1"}, now)
			return refusal(s.t, err) == "ResourceNotFound"
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newArchive(t)
			s.put("a.mp4")
			s.modify(api.ModifyMediaInfo{ExpireTime: ptr("2026-03-02T00:00:00Z")})
			now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
			s.Advance(now)
			if !gone(s, now) {
				t.Error("the file is there")
			}
			if events := s.Advance(now); len(events) != 0 {
				t.Errorf("then there are %s", events)
			}
		})
	}
}

func TestAFileThatExpiresInTheMiddleOfATaskCannotBeProcessedFurther(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	begin := t0.Add(time.Hour)
	s.modify(api.ModifyMediaInfo{ExpireTime: ptr("2026-03-01T11:00:45Z")})
	what := &api.MediaProcessTaskInput{
		TranscodeTaskSet:       []api.TranscodeTaskInput{{Definition: 100010}},
		CoverBySnapshotTaskSet: []api.CoverBySnapshotTaskInput{{Definition: 10, PositionType: "Time"}},
	}
	if _, err := s.ProcessMedia(&api.ProcessMedia{FileId: "f1", MediaProcessTask: what}, begin); err != nil {
		t.Fatal(err)
	}
	s.Start(s.Held(), begin) // half of it is made after 30 seconds, and the other half after 60
	s.Advance(begin.Add(30 * time.Second))
	if next, ok := s.Next(); !ok || !next.Equal(begin.Add(45*time.Second)) {
		t.Errorf("next is %v, %v", next, ok)
	}
	events := s.Advance(begin.Add(time.Minute))
	if len(events) != 2 || events[0].Type != "FileDeleted" || events[1].Type != "ProcedureStateChanged" {
		t.Fatalf("there are %s", events)
	}
	content := string(events[1].Content)
	if strings.Count(content, `"Status":"SUCCESS"`) != 1 || strings.Count(content, `"ErrCodeExt":"SourceFileError"`) != 1 {
		t.Errorf("the results are %s", content)
	}
}

func TestTheLastExpireTimeCounts(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4", "b.mp4")
	s.modify(api.ModifyMediaInfo{FileId: "f1", ExpireTime: ptr("2026-03-02T00:00:00Z")})
	s.modify(api.ModifyMediaInfo{FileId: "f2", ExpireTime: ptr("2026-03-03T00:00:00Z")})
	s.modify(api.ModifyMediaInfo{FileId: "f1", ExpireTime: ptr("2026-03-04T00:00:00Z")})
	s.modify(api.ModifyMediaInfo{FileId: "f1", Name: ptr("the time stays")})
	if got := s.info("f1", t0).BasicInfo.ExpireTime; got != "2026-03-04T00:00:00Z" {
		t.Errorf("its ExpireTime is %s", got)
	}
	if next, _ := s.Next(); !next.Equal(time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("next is %v", next)
	}
	s.Delete("f2", t0)
	s.modify(api.ModifyMediaInfo{FileId: "f1", ExpireTime: ptr(never)})
	if next, ok := s.Next(); ok {
		t.Errorf("next is %v", next)
	}
	if got := s.info("f1", t0).BasicInfo.ExpireTime; got != never {
		t.Errorf("its ExpireTime is %s", got)
	}
}

func TestAFileThatIsToStayLongerStaysWhenAnotherExpires(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4", "b.mp4", "c.mp4")
	s.modify(api.ModifyMediaInfo{FileId: "f1", ExpireTime: ptr("2026-03-02T01:00:00Z")})
	s.modify(api.ModifyMediaInfo{FileId: "f2", ExpireTime: ptr("2026-03-02T02:00:00Z")})
	s.modify(api.ModifyMediaInfo{FileId: "f3", ExpireTime: ptr("2026-03-02T04:00:00Z")})
	s.modify(api.ModifyMediaInfo{FileId: "f2", ExpireTime: ptr("2026-03-02T03:00:00Z")})
	events := s.Advance(time.Date(2026, 3, 2, 2, 30, 0, 0, time.UTC))
	if len(events) != 1 || events[0].FileID != "f1" {
		t.Errorf("when the first expires there are %s", events)
	}
	third := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	if next, _ := s.Next(); !next.Equal(third) {
		t.Errorf("next is %v", next)
	}
	if events := s.Advance(third); len(events) != 1 || events[0].FileID != "f2" {
		t.Errorf("when the second expires there are %s", events)
	}
}

func TestOfFilesThatExpireAtOneTimeTheOldestGoesFirst(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4")
	for _, id := range []string{"f4", "f2", "f5", "f1", "f3"} {
		s.modify(api.ModifyMediaInfo{FileId: id, ExpireTime: ptr("2026-03-02T01:00:00Z")})
	}
	gone := ""
	for _, e := range s.Advance(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)) {
		gone += " " + e.FileID
	}
	if gone != " f1 f2 f3 f4 f5" {
		t.Errorf("they go in the order%s", gone)
	}
}

func TestWhatIsDueFirstIsNext(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	begin := t0.Add(time.Hour)
	if _, ok := s.Next(); ok {
		t.Error("something is due of nothing")
	}
	s.modify(api.ModifyMediaInfo{ExpireTime: ptr("2026-03-01T11:00:30Z")})
	if _, err := s.ProcessMedia(&api.ProcessMedia{FileId: "f1", MediaProcessTask: oneTranscode()}, begin); err != nil {
		t.Fatal(err)
	}
	s.Start(s.Held(), begin) // until 11:01
	for _, c := range []struct {
		expires string
		next    time.Duration // after it has begun
	}{{"2026-03-01T11:00:30Z", 30 * time.Second}, {"2026-03-01T11:01:30Z", time.Minute}, {never, time.Minute}} {
		s.modify(api.ModifyMediaInfo{ExpireTime: &c.expires})
		if next, ok := s.Next(); !ok || !next.Equal(begin.Add(c.next)) {
			t.Errorf("of a file that expires at %s, next is %v, %v", c.expires, next, ok)
		}
	}
}
