package library

import (
	"cmp"
	"slices"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

const (
	maxKeyFrames = 100
	maxKeyFrame  = 128 // characters
)

// modifyKeyFrames returns the key frames that a file then has, in the order of their offsets. The old ones stay as they are.
func modifyKeyFrames(old []api.MediaKeyFrameDescItem, p *api.ModifyMediaInfo) ([]api.MediaKeyFrameDescItem, error) {
	if p.ClearKeyFrameDescs == 1 {
		if len(p.AddKeyFrameDescs) > 0 {
			return nil, api.Refuse("InvalidParameterValue.AddKeyFrameDescsAndClearKeyFrameDescsConflict",
				"AddKeyFrameDescs and ClearKeyFrameDescs cannot go together")
		}
		return nil, nil
	}
	kept := map[float64]string{}
	for _, frame := range old {
		kept[frame.TimeOffset] = frame.Content
	}
	for _, offset := range p.DeleteKeyFrameDescs {
		delete(kept, offset)
	}
	for _, frame := range p.AddKeyFrameDescs {
		switch {
		case frame.TimeOffset < 0:
			return nil, api.Refuse("InvalidParameterValue", "AddKeyFrameDescs has a negative TimeOffset")
		case frame.Content == "":
			return nil, api.Refuse("InvalidParameterValue", "AddKeyFrameDescs has an empty Content")
		case runes(frame.Content) > maxKeyFrame:
			return nil, api.Refuse("InvalidParameterValue.KeyFrameDescContentTooLong",
				"AddKeyFrameDescs has a Content longer than %d characters", maxKeyFrame)
		case slices.Contains(p.DeleteKeyFrameDescs, frame.TimeOffset):
			return nil, api.Refuse("InvalidParameterValue.AddKeyFrameDescsAndDeleteKeyFrameDescsConflict",
				"%v is in AddKeyFrameDescs and in DeleteKeyFrameDescs", frame.TimeOffset)
		}
		kept[frame.TimeOffset] = frame.Content
	}
	if len(kept) > maxKeyFrames {
		return nil, api.Refuse("LimitExceeded.KeyFrameDescCountReachMax",
			"the file would have more than %d key frames", maxKeyFrames)
	}
	var frames []api.MediaKeyFrameDescItem
	for offset, content := range kept {
		frames = append(frames, api.MediaKeyFrameDescItem{TimeOffset: offset, Content: content})
	}
	slices.SortFunc(frames, func(a, b api.MediaKeyFrameDescItem) int { return cmp.Compare(a.TimeOffset, b.TimeOffset) })
	return frames, nil
}
