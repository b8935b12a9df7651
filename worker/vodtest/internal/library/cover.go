package library

import (
	"fmt"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

var cover = &kindOf[api.CoverBySnapshotTaskInput, api.CoverBySnapshotTaskOutput]{
	name:       "CoverBySnapshot",
	set:        "CoverBySnapshotTaskSet",
	definition: func(in *api.CoverBySnapshotTaskInput) uint64 { return in.Definition },
	inputs:     func(in *api.MediaProcessTaskInput) []api.CoverBySnapshotTaskInput { return in.CoverBySnapshotTaskSet },
	only: func(definition uint64) api.CoverBySnapshotTaskInput {
		return api.CoverBySnapshotTaskInput{Definition: definition, PositionType: "Time"}
	},
	check: func(path string, in *api.CoverBySnapshotTaskInput) error {
		if in.PositionType != "Time" && in.PositionType != "Percent" {
			return api.Refuse("InvalidParameterValue", "%sPositionType is %.60q; it must be Time or Percent", path, in.PositionType)
		}
		return checkWatermarks(path, in.WatermarkSet)
	},
	fill: func(in *api.CoverBySnapshotTaskInput) { in.WatermarkSet = filled(in.WatermarkSet) },
	make: func(at target, in *api.CoverBySnapshotTaskInput) (*api.CoverBySnapshotTaskOutput, *Failure) {
		point := in.PositionValue * 1000
		if in.PositionType == "Percent" {
			point *= duration / 100.0
		}
		if failure := outside(point); failure != nil {
			return nil, failure
		}
		return &api.CoverBySnapshotTaskOutput{
			CoverUrl: at.url(fmt.Sprintf("coverBySnapshot/coverBySnapshot_%d_0.jpg", in.Definition)),
		}, nil
	},
	keep: func(m *media, out api.CoverBySnapshotTaskOutput) { m.basic.CoverUrl = out.CoverUrl },
	kept: func(*media) []MadeView { return nil }, // the cover is shown as that of the file
	member: func(r *api.MediaProcessTaskResult, made *api.Result[api.CoverBySnapshotTaskInput, api.CoverBySnapshotTaskOutput]) {
		r.CoverBySnapshotTask = made
	},
}
