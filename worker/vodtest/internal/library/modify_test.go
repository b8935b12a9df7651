package library

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

func TestModifyMediaInfoChangesWhatIsGivenAndNoMore(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	s.modify(api.ModifyMediaInfo{
		Name: ptr("new"), Description: ptr("about it"), ClassId: ptr(int64(7)), AddTags: []string{"b", "a"},
	})
	basic := s.info("f1", t0).BasicInfo
	if basic.Name != "new" || basic.Description != "about it" || basic.ClassId != 7 || basic.ClassName != "Class 7" ||
		!slices.Equal(basic.TagSet, []string{"b", "a"}) || basic.UpdateTime != "2026-03-01T11:00:00Z" ||
		basic.CreateTime != "2026-03-01T10:00:00Z" {
		t.Errorf("it is %+v", basic)
	}

	s.modify(api.ModifyMediaInfo{Description: ptr("")})
	basic = s.info("f1", t0).BasicInfo
	if basic.Description != "" || basic.Name != "new" || basic.ClassId != 7 || len(basic.TagSet) != 2 {
		t.Errorf("without a description it is %+v", basic)
	}
	if s.modify(api.ModifyMediaInfo{ClassId: ptr(int64(0))}); s.info("f1", t0).BasicInfo.ClassName != "Other" {
		t.Errorf("without a class it is %+v", s.info("f1", t0).BasicInfo)
	}
}

func TestLaterEventsShowWhatWasModified(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	s.modify(api.ModifyMediaInfo{Name: ptr("new")})
	s.Process("f1", "", t0.Add(time.Hour))
	events := s.Advance(t0.Add(time.Hour))
	if len(events) != 1 || !strings.Contains(string(events[0].Content), `"FileName":"new"`) {
		t.Errorf("the events are %s", events)
	}
}

func TestTagsAreAddedAndDeletedAndCleared(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	for _, c := range []struct {
		p    api.ModifyMediaInfo
		want string
	}{
		{api.ModifyMediaInfo{AddTags: []string{"a", "b", "a"}}, "a b"},
		{api.ModifyMediaInfo{AddTags: []string{"b", "c"}}, "a b c"},
		{api.ModifyMediaInfo{DeleteTags: []string{"b", "none"}, AddTags: []string{"d"}}, "a c d"},
		{api.ModifyMediaInfo{ClearTags: 2}, "a c d"},
		{api.ModifyMediaInfo{ClearTags: 1, DeleteTags: []string{"a"}}, ""},
	} {
		s.modify(c.p)
		if got := strings.Join(s.info("f1", t0).BasicInfo.TagSet, " "); got != c.want {
			t.Errorf("after %+v: %q, want %q", c.p, got, c.want)
		}
	}
}

func TestKeyFramesAreAddedAndDeletedAndCleared(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	frame := func(offset float64, content string) api.MediaKeyFrameDescItem {
		return api.MediaKeyFrameDescItem{TimeOffset: offset, Content: content}
	}
	for _, c := range []struct {
		p    api.ModifyMediaInfo
		want string
	}{
		{api.ModifyMediaInfo{AddKeyFrameDescs: []api.MediaKeyFrameDescItem{frame(9.5, "late"), frame(0, "early")}}, "0:early 9.5:late"},
		{api.ModifyMediaInfo{AddKeyFrameDescs: []api.MediaKeyFrameDescItem{frame(0, "again")}}, "0:again 9.5:late"},
		{api.ModifyMediaInfo{
			DeleteKeyFrameDescs: []float64{0, 77}, AddKeyFrameDescs: []api.MediaKeyFrameDescItem{frame(3, "mid")},
		}, "3:mid 9.5:late"},
		{api.ModifyMediaInfo{ClearKeyFrameDescs: 2}, "3:mid 9.5:late"},
		{api.ModifyMediaInfo{ClearKeyFrameDescs: 1}, "none"},
	} {
		s.modify(c.p)
		got := "none"
		if info := s.info("f1", t0).KeyFrameDescInfo; info != nil {
			got = ""
			for _, f := range info.KeyFrameDescSet {
				got += fmt.Sprintf(" %v:%s", f.TimeOffset, f.Content)
			}
		}
		if strings.TrimSpace(got) != c.want {
			t.Errorf("after %+v: %q, want %q", c.p, got, c.want)
		}
	}
}

func TestKeyFramesAreInTheOrderOfTheirOffsets(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	for _, offset := range []float64{7, 2.5, 30, 0, 9, 2.25, 11, 1, 100, 20} {
		s.modify(api.ModifyMediaInfo{AddKeyFrameDescs: []api.MediaKeyFrameDescItem{{TimeOffset: offset, Content: "c"}}})
	}
	var got []float64
	for _, frame := range s.info("f1", t0).KeyFrameDescInfo.KeyFrameDescSet {
		got = append(got, frame.TimeOffset)
	}
	if want := []float64{0, 1, 2.25, 2.5, 7, 9, 11, 20, 30, 100}; !slices.Equal(got, want) {
		t.Errorf("they are at %v, want %v", got, want)
	}
}

// images are the begins of files that covers can be.
var images = map[string]string{"gif": "GIF89a…", "jpg": "\xff\xd8\xff\xe0…", "png": "\x89PNG\r\n\x1a\n…"}

func TestAGivenCoverHasAURLOfItsOwn(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	seen := map[string]bool{}
	for extension, image := range images {
		data := base64.StdEncoding.EncodeToString([]byte(image))
		r, err := s.ModifyMediaInfo(&api.ModifyMediaInfo{FileId: "f1", CoverData: data}, t0)
		if err != nil {
			t.Fatal(err)
		}
		if r.CoverUrl != s.info("f1", t0).BasicInfo.CoverUrl || !strings.HasSuffix(r.CoverUrl, "."+extension) || seen[r.CoverUrl] {
			t.Errorf("of a %s the CoverUrl is %s", extension, r.CoverUrl)
		}
		seen[r.CoverUrl] = true
	}
	before := s.info("f1", t0).BasicInfo.CoverUrl
	r, err := s.ModifyMediaInfo(&api.ModifyMediaInfo{FileId: "f1", Name: ptr("b")}, t0)
	if err != nil || r.CoverUrl != "" || s.info("f1", t0).BasicInfo.CoverUrl != before {
		t.Errorf("without CoverData: %+v, %v", r, err)
	}
}

func TestModifyMediaInfoRefusesAndChangesNothing(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	s.modify(api.ModifyMediaInfo{AddTags: numbered(15), AddKeyFrameDescs: frames(0, 99)})
	const value = "InvalidParameterValue"
	long := func(n int) *string { return ptr(strings.Repeat("我", n)) }
	for _, c := range []struct {
		name string
		p    api.ModifyMediaInfo
		code string
	}{
		{"an unknown file", api.ModifyMediaInfo{FileId: "none"}, "ResourceNotFound.FileNotExist"},
		{"a long Name", api.ModifyMediaInfo{Name: long(65)}, value + ".Name"},
		{"a long Description", api.ModifyMediaInfo{Description: long(129)}, value + ".Description"},
		{"a negative ClassId", api.ModifyMediaInfo{ClassId: ptr(int64(-1))}, value + ".ClassId"},
		{"an ExpireTime that is none", api.ModifyMediaInfo{ExpireTime: ptr("")}, value + ".ExpireTime"},
		{"an ExpireTime without a zone", api.ModifyMediaInfo{ExpireTime: ptr("2027-01-01T00:00:00")}, value + ".ExpireTime"},
		{"an ExpireTime that is over", api.ModifyMediaInfo{ExpireTime: ptr("2026-03-01T11:00:00Z")}, value + ".ExpireTime"},
		{"CoverData that is no Base64", api.ModifyMediaInfo{CoverData: "data:image/png;base64,AAAA"}, value + ".ImageDecodeError"},
		{"CoverData that is no image", api.ModifyMediaInfo{CoverData: "AAAA"}, value + ".ImageDecodeError"},
		{"an empty tag", api.ModifyMediaInfo{AddTags: []string{""}}, value + ".Tags"},
		{"a long tag", api.ModifyMediaInfo{AddTags: []string{*long(33)}, DeleteTags: []string{"0"}}, value + ".TagTooLong"},
		{"tags that are deleted too", api.ModifyMediaInfo{AddTags: []string{"a"}, DeleteTags: []string{"a"}},
			value + ".AddTagsAndDeleteTagsConflict"},
		{"tags that are cleared too", api.ModifyMediaInfo{AddTags: []string{"a"}, ClearTags: 1},
			value + ".AddTagsAndClearTagsConflict"},
		{"many tags", api.ModifyMediaInfo{AddTags: []string{"a", "b"}}, "LimitExceeded.TagCountReachMax"},
		{"a long key frame", api.ModifyMediaInfo{AddKeyFrameDescs: []api.MediaKeyFrameDescItem{{Content: *long(129)}}},
			value + ".KeyFrameDescContentTooLong"},
		{"an empty key frame", api.ModifyMediaInfo{AddKeyFrameDescs: make([]api.MediaKeyFrameDescItem, 1)}, value},
		{"a key frame before the begin", api.ModifyMediaInfo{AddKeyFrameDescs: frames(-1, 1)}, value},
		{"key frames that are deleted too", api.ModifyMediaInfo{AddKeyFrameDescs: frames(5, 1), DeleteKeyFrameDescs: []float64{5}},
			value + ".AddKeyFrameDescsAndDeleteKeyFrameDescsConflict"},
		{"key frames that are cleared too", api.ModifyMediaInfo{AddKeyFrameDescs: frames(5, 1), ClearKeyFrameDescs: 1},
			value + ".AddKeyFrameDescsAndClearKeyFrameDescsConflict"},
		{"many key frames", api.ModifyMediaInfo{AddKeyFrameDescs: frames(98, 4), DeleteKeyFrameDescs: []float64{0}},
			"LimitExceeded.KeyFrameDescCountReachMax"},
		{"AddSubtitles", api.ModifyMediaInfo{AddSubtitles: make([]api.MediaSubtitleInput, 1)}, "UnsupportedOperation"},
		{"DeleteSubtitleIds", api.ModifyMediaInfo{DeleteSubtitleIds: []string{"a"}}, "UnsupportedOperation"},
		{"ClearSubtitles", api.ModifyMediaInfo{ClearSubtitles: 1}, "UnsupportedOperation"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := asJSON(t, s.info("f1", t0))
			unless := func(given **string, text string) {
				if *given == nil {
					*given = &text
				}
			}
			unless(&c.p.Name, "good") // which must not come to be either
			unless(&c.p.Description, "good")
			unless(&c.p.ExpireTime, "2027-01-01T00:00:00Z")
			if c.p.FileId == "" {
				c.p.FileId = "f1"
			}
			if _, err := s.ModifyMediaInfo(&c.p, t0.Add(time.Hour)); refusal(t, err) != c.code {
				t.Errorf("%v, want %q", err, c.code)
			}
			if after := asJSON(t, s.info("f1", t0)); after != before {
				t.Errorf("the file was %s\nand is %s", before, after)
			}
			if _, due := s.Next(); due {
				t.Error("the file will expire")
			}
		})
	}
}

func TestModifyMediaInfoTakesTheMostThatMayBe(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	long := func(n int) *string { return ptr(strings.Repeat("我", n)) }
	s.modify(api.ModifyMediaInfo{
		Name: long(64), Description: long(128), AddTags: append(numbered(15), *long(32)), AddKeyFrameDescs: frames(0, 100),
	})
	s.modify(api.ModifyMediaInfo{
		AddTags: []string{"n"}, DeleteTags: []string{"0"}, AddKeyFrameDescs: frames(100, 1), DeleteKeyFrameDescs: []float64{0},
	})
	s.modify(api.ModifyMediaInfo{AddKeyFrameDescs: []api.MediaKeyFrameDescItem{{TimeOffset: 5, Content: *long(128)}}})
}

func numbered(n int) []string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprint(i))
	}
	return names
}

func frames(from, n int) []api.MediaKeyFrameDescItem {
	var frames []api.MediaKeyFrameDescItem
	for i := range n {
		frames = append(frames, api.MediaKeyFrameDescItem{TimeOffset: float64(from + i), Content: "content"})
	}
	return frames
}
