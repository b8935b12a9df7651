package library

import (
	"slices"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

const (
	maxTags = 16
	maxTag  = 32 // characters
)

// modifyTags returns the tags that a file then has, each once. The old ones stay as they are.
func modifyTags(old []string, p *api.ModifyMediaInfo) ([]string, error) {
	if p.ClearTags == 1 {
		if len(p.AddTags) > 0 {
			return nil, api.Refuse("InvalidParameterValue.AddTagsAndClearTagsConflict", "AddTags and ClearTags cannot go together")
		}
		return []string{}, nil
	}
	tags := slices.DeleteFunc(slices.Clone(old), func(tag string) bool { return slices.Contains(p.DeleteTags, tag) })
	for _, tag := range p.AddTags {
		switch {
		case tag == "":
			return nil, api.Refuse("InvalidParameterValue.Tags", "AddTags has an empty tag")
		case runes(tag) > maxTag:
			return nil, api.Refuse("InvalidParameterValue.TagTooLong", "AddTags has a tag longer than %d characters", maxTag)
		case slices.Contains(p.DeleteTags, tag):
			return nil, api.Refuse("InvalidParameterValue.AddTagsAndDeleteTagsConflict",
				"%.60q is in AddTags and in DeleteTags", tag)
		case slices.Contains(tags, tag):
			continue
		case len(tags) == maxTags:
			return nil, api.Refuse("LimitExceeded.TagCountReachMax", "the file would have more than %d tags", maxTags)
		}
		tags = append(tags, tag)
	}
	return tags, nil
}
