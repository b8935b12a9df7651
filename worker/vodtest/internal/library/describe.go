package library

import (
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// DescribeMediaInfos returns what is known of files, in the order in which they were asked for, each once.
func (l *Library) DescribeMediaInfos(p *api.DescribeMediaInfos, _ time.Time) (*api.DescribeMediaInfosResponse, error) {
	const most = 20
	switch {
	case len(p.FileIds) == 0:
		return nil, api.Refuse("InvalidParameterValue.FileIdsEmpty", "FileIds names no file")
	case len(p.FileIds) > most:
		return nil, api.Refuse("InvalidParameterValue.FileIdsOverLimit", "FileIds names more than 20 files")
	case slices.Contains(p.FileIds, ""):
		return nil, api.Refuse("InvalidParameterValue.FileIds", "FileIds contains an empty FileId")
	}
	if err := checkFilters(p.Filters); err != nil {
		return nil, err
	}
	r := &api.DescribeMediaInfosResponse{MediaInfoSet: []api.MediaInfo{}, NotExistFileIdSet: []string{}}
	for i, id := range p.FileIds {
		switch m := l.media[id]; {
		case slices.Contains(p.FileIds[:i], id):
		case m == nil:
			r.NotExistFileIdSet = append(r.NotExistFileIdSet, id)
		default:
			r.MediaInfoSet = append(r.MediaInfoSet, m.shown(p.Filters))
		}
	}
	return r, nil
}
