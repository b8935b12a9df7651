package library

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// remove deletes parts of f1, and returns its FileDeleted.
func (s archive) remove(parts ...api.MediaDeleteItem) Event {
	s.t.Helper()
	if _, err := s.DeleteMedia(&api.DeleteMedia{FileId: "f1", DeleteParts: parts}, t0.Add(time.Hour)); err != nil {
		s.t.Fatal(err)
	}
	events := s.Advance(t0.Add(time.Hour))
	if len(events) != 1 || events[0].Type != "FileDeleted" || events[0].FileID != "f1" {
		s.t.Fatalf("the events are %s", events)
	}
	return events[0]
}

// left returns the Definitions of the transcoded and of the adaptive files of f1.
func (s archive) left() string {
	var transcoded, adaptive []int64
	info := s.info("f1", t0)
	if info.TranscodeInfo != nil {
		for _, i := range info.TranscodeInfo.TranscodeSet {
			transcoded = append(transcoded, i.Definition)
		}
	}
	if info.AdaptiveDynamicStreamingInfo != nil {
		for _, i := range info.AdaptiveDynamicStreamingInfo.AdaptiveDynamicStreamingSet {
			adaptive = append(adaptive, i.Definition)
		}
	}
	return fmt.Sprint(transcoded, adaptive)
}

func TestAFileThatWasDeletedIsGoneFromEverything(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4", "b.mp4")
	s.remove()
	r, err := s.DescribeMediaInfos(&api.DescribeMediaInfos{FileIds: []string{"f1"}}, t0)
	if err != nil || len(r.MediaInfoSet) != 0 || len(r.NotExistFileIdSet) != 1 {
		t.Errorf("described: %+v, %v", r, err)
	}
	if got := s.found(api.SearchMedia{}); len(got) != 1 || got[0] != "f2" {
		t.Errorf("found %q", got)
	}
	if _, err := s.ModifyMediaInfo(&api.ModifyMediaInfo{FileId: "f1"}, t0); refusal(t, err) != "ResourceNotFound.FileNotExist" {
		t.Errorf("modified: %v", err)
	}
	for _, parts := range [][]api.MediaDeleteItem{nil, {{Type: "TranscodeFiles"}}} {
		if _, err := s.DeleteMedia(&api.DeleteMedia{FileId: "f1", DeleteParts: parts}, t0); refusal(t, err) != "ResourceNotFound" {
			t.Errorf("deleted again: %v", err)
		}
	}
	if events := s.Advance(t0); len(events) != 0 {
		t.Errorf("then there are %s", events)
	}
}

func TestDeletePartsDeleteNoMoreThanTheyName(t *testing.T) {
	for _, c := range []struct {
		parts []api.MediaDeleteItem
		want  string
	}{
		{[]api.MediaDeleteItem{{Type: "OriginalFiles"}}, "[10 20] [10 12]"},
		{[]api.MediaDeleteItem{{Type: "TranscodeFiles"}}, "[0] [10 12]"},
		{[]api.MediaDeleteItem{{Type: "TranscodeFiles", Definition: 20}}, "[0 10] [10 12]"},
		{[]api.MediaDeleteItem{{Type: "TranscodeFiles", Definition: 30}}, "[0 10 20] [10 12]"},
		{[]api.MediaDeleteItem{{Type: "AdaptiveDynamicStreamingFiles"}}, "[0 10 20] []"},
		{[]api.MediaDeleteItem{{Type: "AdaptiveDynamicStreamingFiles", Definition: 10}}, "[0 10 20] [12]"},
		{[]api.MediaDeleteItem{{Type: "WechatPublishFiles"}, {Type: "WechatMiniProgramPublishFiles"}}, "[0 10 20] [10 12]"},
		{[]api.MediaDeleteItem{{Type: "TranscodeFiles", Definition: 10}, {Type: "OriginalFiles"}}, "[20] [10 12]"},
		{[]api.MediaDeleteItem{{Type: "TranscodeFiles"}, {Type: "OriginalFiles"}, {Type: "AdaptiveDynamicStreamingFiles"}}, "[] []"},
	} {
		s := newArchive(t)
		s.put("a.mp4")
		fill(s.media["f1"])
		event := s.remove(c.parts...)
		if got := s.left(); got != c.want {
			t.Errorf("%+v: left are %s, want %s", c.parts, got, c.want)
		}
		if s.info("f1", t0).BasicInfo.UpdateTime != "2026-03-01T11:00:00Z" {
			t.Errorf("%+v: UpdateTime is %s", c.parts, s.info("f1", t0).BasicInfo.UpdateTime)
		}
		var content struct{ FileDeleteEvent api.FileDeleteTask }
		if err := json.Unmarshal(event.Content, &content); err != nil {
			t.Fatal(err)
		}
		want := api.FileDeleteTask{
			FileIdSet:            []string{"f1"},
			FileDeleteResultInfo: []api.FileDeleteResultItem{{FileId: "f1", DeleteParts: c.parts}},
		}
		if !reflect.DeepEqual(content.FileDeleteEvent, want) {
			t.Errorf("%+v: the event has %+v", c.parts, content.FileDeleteEvent)
		}
	}
}

func TestDeleteMediaRefusesAnUnknownTypeAndDeletesNothing(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	fill(s.media["f1"])
	for _, unknown := range []string{"", "ImageSprites"} {
		parts := []api.MediaDeleteItem{{Type: "TranscodeFiles"}, {Type: unknown}}
		if _, err := s.DeleteMedia(&api.DeleteMedia{FileId: "f1", DeleteParts: parts}, t0); refusal(t, err) != "InvalidParameterValue" {
			t.Errorf("%q: %v", unknown, err)
		}
	}
	if got, events := s.left(), s.Advance(t0); got != "[0 10 20] [10 12]" || len(events) != 0 {
		t.Errorf("left are %s, and there are %s", got, events)
	}
}

func TestACoverGoesWithWhatItCameFrom(t *testing.T) {
	given := func(s archive) {
		s.modify(api.ModifyMediaInfo{CoverData: base64.StdEncoding.EncodeToString([]byte(images["png"]))})
	}
	made := func(s archive) {
		fill(s.media["f1"])
		s.media["f1"].basic.CoverUrl = "made"
	}
	for _, c := range []struct {
		name  string
		cover func(archive)
		part  api.MediaDeleteItem
		goes  bool
	}{
		{"given, with the original", given, api.MediaDeleteItem{Type: "OriginalFiles"}, true},
		{"given, with what was made", given, api.MediaDeleteItem{Type: "TranscodeFiles"}, false},
		{"made, with the original", made, api.MediaDeleteItem{Type: "OriginalFiles"}, false},
		{"made, with what was made", made, api.MediaDeleteItem{Type: "TranscodeFiles"}, true},
		{"made, with what one template has made", made, api.MediaDeleteItem{Type: "TranscodeFiles", Definition: 20}, true},
		{"made, with a template that has made nothing", made, api.MediaDeleteItem{Type: "TranscodeFiles", Definition: 30}, false},
	} {
		s := newArchive(t)
		s.put("a.mp4")
		c.cover(s)
		s.remove(c.part)
		if got := s.info("f1", t0).BasicInfo.CoverUrl; (got == "") != c.goes {
			t.Errorf("%s: the CoverUrl is %q", c.name, got)
		}
	}
}

func TestWithoutItsOriginalAFileIsThereAndCannotBeProcessed(t *testing.T) {
	s := newArchive(t)
	s.put("a.mp4")
	s.remove(api.MediaDeleteItem{Type: "OriginalFiles"})
	info := s.info("f1", t0)
	if info.BasicInfo.Name != "a" || info.BasicInfo.MediaUrl != "" || info.TranscodeInfo != nil {
		t.Errorf("it is %+v", info)
	}
	s.Process("f1", "", t0.Add(time.Hour))
	events := s.Advance(t0.Add(time.Hour))
	if len(events) != 1 || strings.Count(string(events[0].Content), `"ErrCodeExt":"SourceFileError"`) != 2 {
		t.Errorf("the events are %s", events)
	}
}
