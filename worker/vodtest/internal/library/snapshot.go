package library

import (
	"cmp"
	"fmt"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// maxPictures is how many points in time one input may name, since a picture of each is kept. The API names no limit.
const maxPictures = 100

var snapshot = &kindOf[api.SnapshotByTimeOffsetTaskInput, api.MediaSnapshotByTimeOffsetItem]{
	name:       "SnapshotByTimeOffset",
	set:        "SnapshotByTimeOffsetTaskSet",
	definition: func(in *api.SnapshotByTimeOffsetTaskInput) uint64 { return in.Definition },
	inputs: func(in *api.MediaProcessTaskInput) []api.SnapshotByTimeOffsetTaskInput {
		return in.SnapshotByTimeOffsetTaskSet
	},
	only: func(definition uint64) api.SnapshotByTimeOffsetTaskInput {
		return api.SnapshotByTimeOffsetTaskInput{Definition: definition, ExtTimeOffsetSet: []string{"0s"}}
	},
	check: func(path string, in *api.SnapshotByTimeOffsetTaskInput) error {
		if len(in.ExtTimeOffsetSet)+len(in.TimeOffsetSet) == 0 {
			return api.Refuse("InvalidParameterValue", "%sExtTimeOffsetSet is missing, so there is nothing to make", path)
		}
		return cmp.Or(
			atMost(path+"ExtTimeOffsetSet", in.ExtTimeOffsetSet, maxPictures),
			atMost(path+"TimeOffsetSet", in.TimeOffsetSet, maxPictures),
			checkWatermarks(path, in.WatermarkSet),
		)
	},
	fill: func(in *api.SnapshotByTimeOffsetTaskInput) {
		in.ExtTimeOffsetSet, in.TimeOffsetSet = filled(in.ExtTimeOffsetSet), filled(in.TimeOffsetSet)
		in.WatermarkSet = filled(in.WatermarkSet)
	},
	make: func(at target, in *api.SnapshotByTimeOffsetTaskInput) (*api.MediaSnapshotByTimeOffsetItem, *Failure) {
		var points []float64
		for _, offset := range in.ExtTimeOffsetSet {
			point, failure := pointOf(offset)
			if failure != nil {
				return nil, failure
			}
			points = append(points, point)
		}
		for _, point := range in.TimeOffsetSet {
			if failure := outside(point); failure != nil {
				return nil, failure
			}
			points = append(points, point)
		}
		out := &api.MediaSnapshotByTimeOffsetItem{Definition: int64(in.Definition)}
		for i, point := range points {
			out.PicInfoSet = append(out.PicInfoSet, api.MediaSnapshotByTimePicInfoItem{
				TimeOffset: point, WaterMarkDefinition: templatesOf(in.WatermarkSet),
				Url: at.url(fmt.Sprintf("snapshotByTimeOffset/snapshotByTimeOffset_%d_%d.jpg", in.Definition, i)),
			})
		}
		return out, nil
	},
	keep: func(m *media, out api.MediaSnapshotByTimeOffsetItem) {
		m.snapshots = put(m.snapshots, out, viewSnapshot)
	},
	kept: func(m *media) []MadeView { return views(m.snapshots, viewSnapshot) },
	member: func(r *api.MediaProcessTaskResult,
		made *api.Result[api.SnapshotByTimeOffsetTaskInput, api.MediaSnapshotByTimeOffsetItem]) {
		r.SnapshotByTimeOffsetTask = made
	},
}

func viewSnapshot(i api.MediaSnapshotByTimeOffsetItem) MadeView {
	return MadeView{"SnapshotByTimeOffset", i.Definition, i.PicInfoSet[0].Url}
}
