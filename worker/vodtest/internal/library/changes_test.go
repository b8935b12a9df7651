package library

import (
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

func TestATaskFlowWhoseChangesAreTooLargeTogetherIsRefused(t *testing.T) {
	r := newRig(t)
	images := func(n, size int) *api.MediaProcessTaskInput {
		in := &api.MediaProcessTaskInput{}
		for range n {
			in.TranscodeTaskSet = append(in.TranscodeTaskSet, api.TranscodeTaskInput{
				Definition: 10, WatermarkSet: []api.WatermarkInput{{Definition: 5, SvgContent: strings.Repeat("x", size)}},
			})
		}
		return in
	}
	pictures := &api.MediaProcessTaskInput{}
	for range maxJobs {
		pictures.SnapshotByTimeOffsetTaskSet = append(pictures.SnapshotByTimeOffsetTaskSet,
			api.SnapshotByTimeOffsetTaskInput{Definition: 10, TimeOffsetSet: make([]float64, maxPictures)})
	}
	for name, c := range map[string]struct {
		in   *api.MediaProcessTaskInput
		mode string
		code string
	}{
		"many images":              {images(100, 90_000), notifyChange, "InvalidParameterValue"},
		"many images, told once":   {images(100, 90_000), notifyFinish, "<nil>"},
		"many images, never told":  {images(100, 90_000), notifyNone, "<nil>"},
		"some images":              {images(100, 4_000), notifyChange, "<nil>"},
		"one image":                {images(1, 2_000_000), notifyChange, "<nil>"},
		"what becomes many images": {pictures, notifyChange, "InvalidParameterValue"},
	} {
		before := asJSON(t, r.info())
		_, err := r.ProcessMedia(&api.ProcessMedia{FileId: r.file, MediaProcessTask: c.in, TasksNotifyMode: c.mode}, r.now)
		if codeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
		if held := r.Held(); err != nil && len(held) > 0 || asJSON(t, r.info()) != before {
			t.Errorf("%s: held are %q, and the file is %s", name, held, asJSON(t, r.info()))
		}
	}
}

func TestNoChangesAreLargerThanTheMost(t *testing.T) {
	r := newRig(t)
	in := &api.MediaProcessTaskInput{}
	for range 40 {
		in.TranscodeTaskSet = append(in.TranscodeTaskSet, api.TranscodeTaskInput{
			Definition: 10, WatermarkSet: []api.WatermarkInput{{Definition: 5, SvgContent: strings.Repeat("x", 40_000)}},
		})
	}
	r.ask(&api.ProcessMedia{MediaProcessTask: in, TasksNotifyMode: notifyChange})
	size := 0
	for _, e := range r.pass(r.rules.TaskTime) {
		size += len(e.Content)
	}
	if size > maxChanges || size < maxChanges*9/10 {
		t.Errorf("the events have %d bytes, of at most %d", size, maxChanges)
	}
}
