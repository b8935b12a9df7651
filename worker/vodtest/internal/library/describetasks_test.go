package library_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// list returns the TaskIds of one page, in short, and the token for the next.
func (s *shelf) list(p api.DescribeTasks) (ids []string, next string) {
	s.Helper()
	r, err := s.DescribeTasks(&p, s.now)
	if err != nil {
		s.Fatal(err)
	}
	for _, t := range r.TaskSet {
		ids = append(ids, t.TaskId[strings.LastIndex(t.TaskId, "-")+1:])
	}
	return ids, r.ScrollToken
}

// all returns the TaskIds of all pages of a size, and does something between two pages.
func (s *shelf) all(p api.DescribeTasks, between func()) (ids []string) {
	s.Helper()
	for range 1000 {
		page, next := s.list(p)
		if ids = append(ids, page...); next == "" {
			return ids
		}
		p.ScrollToken = next
		between()
	}
	s.Fatal("the list has no end")
	return nil
}

// three returns a library with three pulls: 1 is over, at 4 s, 2 runs, and 3 waits. It is 5 s.
func three(t *testing.T) *shelf {
	s := newShelf(t)
	s.pull(api.PullUpload{MediaUrl: "https://example.com/a.mp4"})
	s.pass(2 * time.Second)
	s.pull(api.PullUpload{MediaUrl: "https://example.com/b.mp4", SessionId: "two", SessionContext: "order 2"})
	s.pass(2 * time.Second)
	if _, err := s.PullUpload(&api.PullUpload{MediaUrl: "https://example.com/c.mp4"}, s.now); err != nil {
		t.Fatal(err)
	}
	s.pass(time.Second)
	return s
}

func TestTasksAreListedInBrief(t *testing.T) {
	s := three(t)
	r, err := s.DescribeTasks(&api.DescribeTasks{}, s.now)
	if err != nil {
		t.Fatal(err)
	}
	want := []api.TaskSimpleInfo{
		{TaskId: "1500000001-PullUpload-3", Status: "WAITING", TaskType: "PullUpload", CreateTime: "2026-03-02T08:00:04Z"},
		{TaskId: "1500000001-PullUpload-2", Status: "PROCESSING", TaskType: "PullUpload", CreateTime: "2026-03-02T08:00:02Z",
			BeginProcessTime: "2026-03-02T08:00:02Z", SessionId: "two", SessionContext: "order 2"},
		{TaskId: "1500000001-PullUpload-1", Status: "FINISH", TaskType: "PullUpload", FileId: "file1",
			CreateTime: "2026-03-02T08:00:00Z", BeginProcessTime: "2026-03-02T08:00:00Z", FinishTime: "2026-03-02T08:00:04Z"},
	}
	if !slices.Equal(r.TaskSet, want) || r.ScrollToken != "" {
		t.Errorf("the list is %+v", r)
	}
	r, err = s.DescribeTasks(&api.DescribeTasks{Status: "FINISH", FileId: "nobody"}, s.now)
	if err != nil || r.TaskSet == nil || len(r.TaskSet) > 0 {
		t.Errorf("a list of nothing is %+v, %v", r, err)
	}
}

func TestWhichTasksAreListedAndInWhichOrder(t *testing.T) {
	times := func(after, before string) *api.TimeRange { return &api.TimeRange{After: after, Before: before} }
	for name, c := range map[string]struct {
		ask  api.DescribeTasks
		want string
	}{
		"all":                      {api.DescribeTasks{}, "[3 2 1]"},
		"waiting":                  {api.DescribeTasks{Status: "WAITING"}, "[3]"},
		"processing":               {api.DescribeTasks{Status: "PROCESSING"}, "[2]"},
		"finished":                 {api.DescribeTasks{Status: "FINISH"}, "[1]"},
		"of a file":                {api.DescribeTasks{FileId: "file1"}, "[1]"},
		"of no file that is there": {api.DescribeTasks{FileId: "file9"}, "[]"},
		"made at a time or later":  {api.DescribeTasks{CreateTime: times("2026-03-02T08:00:02Z", "")}, "[3 2]"},
		"made before a time":       {api.DescribeTasks{CreateTime: times("", "2026-03-02T08:00:02Z")}, "[1]"},
		"made between, in another zone": {
			api.DescribeTasks{CreateTime: times("2026-03-02T16:00:01+08:00", "2026-03-02T16:00:03+08:00")}, "[2]"},
		"made at any time":         {api.DescribeTasks{CreateTime: times("", "")}, "[3 2 1]"},
		"over at a time or later":  {api.DescribeTasks{FinishTime: times("2026-03-02T08:00:04Z", "")}, "[1]"},
		"over before a time":       {api.DescribeTasks{FinishTime: times("", "2026-03-02T08:00:04Z")}, "[]"},
		"over before a later time": {api.DescribeTasks{FinishTime: times("", "2026-03-02T09:00:00Z")}, "[1]"},
		"oldest first":             {api.DescribeTasks{Sort: &api.SortBy{Field: "CreateTime", Order: "Asc"}}, "[1 2 3]"},
		"newest first":             {api.DescribeTasks{Sort: &api.SortBy{Field: "CreateTime", Order: "Desc"}}, "[3 2 1]"},
		"first over first":         {api.DescribeTasks{Sort: &api.SortBy{Field: "FinishTime", Order: "Asc"}}, "[1 2 3]"},
		"last over first":          {api.DescribeTasks{Sort: &api.SortBy{Field: "FinishTime"}}, "[3 2 1]"},
		"a sort that says nothing": {api.DescribeTasks{Sort: &api.SortBy{}}, "[3 2 1]"},
	} {
		s := three(t)
		if got, _ := s.list(c.ask); fmt.Sprint(got) != c.want {
			t.Errorf("%s: the list is %v, want %s", name, got, c.want)
		}
	}
}

func TestTasksAreSortedByWhenTheyWereOver(t *testing.T) {
	s := newShelf(t)
	for _, taskTime := range []time.Duration{3 * time.Second, time.Second, 3 * time.Second, 2 * time.Second} {
		s.rules.TaskTime = taskTime
		s.pull(api.PullUpload{MediaUrl: "https://example.com/a.mp4"})
	}
	s.pass(3 * time.Second)
	for order, want := range map[string]string{"Asc": "[2 4 1 3]", "Desc": "[3 1 4 2]"} {
		if got, _ := s.list(api.DescribeTasks{Sort: &api.SortBy{Field: "FinishTime", Order: order}}); fmt.Sprint(got) != want {
			t.Errorf("%s they are %v, want %s", order, got, want)
		}
	}
}

func TestAListOfTasksHasPages(t *testing.T) {
	s := newShelf(t)
	for range 101 {
		s.pull(api.PullUpload{MediaUrl: "https://example.com/a.mp4"})
	}
	for limit, want := range map[uint64]int{0: 10, 1: 1, 100: 100} {
		if page, next := s.list(api.DescribeTasks{Limit: limit}); len(page) != want || next == "" {
			t.Errorf("with the Limit %d there are %d, and then %q", limit, len(page), next)
		}
	}
	page, next := s.list(api.DescribeTasks{Limit: 100})
	rest, none := s.list(api.DescribeTasks{Limit: 100, ScrollToken: next})
	if page[99] != "2" || fmt.Sprint(rest) != "[1]" || none != "" {
		t.Errorf("the first page ends with %s, the second is %v, and then %q", page[99], rest, none)
	}
	if page, next := s.list(api.DescribeTasks{Limit: 1, FileId: "file1"}); len(page) != 0 || next != "" {
		t.Errorf("a list of nothing is %v, and then %q", page, next)
	}
}

func TestPagesOfTasksStayWhatTheyAreWhileTasksComeAndEnd(t *testing.T) {
	for _, field := range []string{"CreateTime", "FinishTime"} {
		for _, order := range []string{"Asc", "Desc"} {
			s := newShelf(t)
			n := 0
			began := func() {
				n++
				s.rules.TaskTime = time.Duration(1+7*n%13) * time.Second // they overtake each other
				s.pull(api.PullUpload{MediaUrl: "https://example.com/a.mp4"})
				s.pass(time.Second)
			}
			for range 12 { // of which some are over
				began()
			}
			p := api.DescribeTasks{Sort: &api.SortBy{Field: field, Order: order}, Limit: 100}
			want, _ := s.list(p)
			p.Limit = 1
			rest := 3 // some more tasks come
			got := s.all(p, func() {
				if rest--; rest >= 0 {
					began()
				} else {
					s.pass(time.Second)
				}
			})
			if order == "Asc" { // at the end of which they are
				want = append(want, "13", "14", "15")
			}
			if !slices.Equal(got, want) {
				t.Errorf("by %s %s the pages are %v, want %v", field, order, got, want)
			}
		}
	}
}

func TestAPageBeginsWhereATaskWasThatIsNoLongerListed(t *testing.T) {
	s := newShelf(t)
	for range 3 {
		s.pull(api.PullUpload{MediaUrl: "https://example.com/a.mp4"})
		s.pass(time.Second)
	}
	p := api.DescribeTasks{Status: "PROCESSING", Limit: 1, Sort: &api.SortBy{Order: "Asc"}}
	page, next := s.list(p)
	s.pass(2 * time.Second) // and 2 is over, too
	p.ScrollToken = next
	if rest, end := s.list(p); fmt.Sprint(page) != "[1]" || fmt.Sprint(rest) != "[3]" || end != "" {
		t.Errorf("the first page is %v, the second %v, and then %q", page, rest, end)
	}
}

func TestWhatDescribeTasksRefuses(t *testing.T) {
	s := three(t)
	_, token := s.list(api.DescribeTasks{Limit: 1})
	for name, c := range map[string]struct {
		ask  api.DescribeTasks
		code string
	}{
		"a status":        {api.DescribeTasks{Status: "ABORTED"}, "InvalidParameterValue.Status"},
		"the most":        {api.DescribeTasks{Limit: 100}, "<nil>"},
		"a limit":         {api.DescribeTasks{Limit: 101}, "InvalidParameterValue"},
		"a field":         {api.DescribeTasks{Sort: &api.SortBy{Field: "TaskId"}}, "InvalidParameterValue"},
		"an order":        {api.DescribeTasks{Sort: &api.SortBy{Order: "Up"}}, "InvalidParameterValue"},
		"a beginning":     {api.DescribeTasks{CreateTime: &api.TimeRange{After: "2026-03-02"}}, "InvalidParameterValue"},
		"an end":          {api.DescribeTasks{FinishTime: &api.TimeRange{Before: "soon"}}, "InvalidParameterValue"},
		"a made-up token": {api.DescribeTasks{ScrollToken: "next"}, "InvalidParameterValue"},
		"half a token":    {api.DescribeTasks{ScrollToken: token[:strings.Index(token, "@")+1]}, "InvalidParameterValue"},
		"another's token": {
			api.DescribeTasks{ScrollToken: "1500000002-PullUpload-1" + token[strings.Index(token, "@"):]}, "InvalidParameterValue"},
		"a token too long": {api.DescribeTasks{ScrollToken: token + "zzzzzzzzzzzz"}, "InvalidParameterValue"},
	} {
		if r, err := s.DescribeTasks(&c.ask, s.now); codeOf(err) != c.code {
			t.Errorf("%s: the answer is %v, %v; want %s", name, r, err, c.code)
		}
	}
}

func TestTasksAreKnownForThreeDays(t *testing.T) {
	s := three(t)
	_, token := s.list(api.DescribeTasks{Limit: 2})
	s.now = monday.Add(72*time.Hour - time.Second)
	s.pass(0)
	if ids, _ := s.list(api.DescribeTasks{}); fmt.Sprint(ids) != "[3 2 1]" {
		t.Errorf("before they are over there are %v", ids)
	}
	s.pass(time.Second)
	if ids, _ := s.list(api.DescribeTasks{}); fmt.Sprint(ids) != "[3 2]" {
		t.Errorf("when they are over there are %v", ids)
	}
	_, err := s.DescribeTaskDetail(&api.DescribeTaskDetail{TaskId: "1500000001-PullUpload-1"}, s.now)
	if codeOf(err) != "InvalidParameterValue.TaskId" {
		t.Errorf("DescribeTaskDetail says %v", err)
	}
	if _, err := s.DescribeTasks(&api.DescribeTasks{ScrollToken: token}, s.now); codeOf(err) != "InvalidParameterValue" {
		t.Errorf("a page that would begin with a task that is gone: %v", err)
	}
}

func TestTheDetailOfATaskFlow(t *testing.T) {
	s := newShelf(t)
	s.procedure("mine")
	fileID := s.Upload("a.mp4", s.now)
	r, err := s.ProcessMediaByProcedure(&api.ProcessMediaByProcedure{FileId: fileID, ProcedureName: "mine"}, s.now)
	if err != nil {
		t.Fatal(err)
	}
	want := func(status, began, ended string) {
		t.Helper()
		d := s.detail(r.TaskId)
		if d.TaskType != "Procedure" || d.Status != status || d.BeginProcessTime != began || d.FinishTime != ended ||
			d.PullUploadTask != nil || d.ProcedureTask.TaskId != r.TaskId || d.ProcedureTask.FileId != fileID {
			t.Errorf("it is %+v, %+v, want %s", d, d.ProcedureTask, status)
		}
	}
	want("WAITING", "", "")
	s.now = s.now.Add(time.Second)
	s.Start(s.Held(), s.now)
	want("PROCESSING", "2026-03-02T08:00:01Z", "")
	s.pass(4 * time.Second)
	want("FINISH", "2026-03-02T08:00:01Z", "2026-03-02T08:00:05Z")
}
