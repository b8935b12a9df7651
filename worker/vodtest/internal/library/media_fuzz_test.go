package library

import (
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/param"
)

func FuzzSearchMedia(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"FileIds":["f1"],"Limit":1}`, `{"Names":["holiday","É"],"Text":"a","Sort":{"Field":"CreateTime","Order":"Asc"}}`,
		`{"Offset":4999,"Limit":1,"Filters":["basicInfo"]}`, `{"Offset":18446744073709551615,"Limit":18446744073709551615}`,
		`{"CreateTime":{"After":"2026-03-01T10:00:00Z","Before":"9999-12-31T23:59:59-12:00"},"StartTime":"0000-01-01T00:00:00+12:00"}`,
		`{"Tags":["warm"],"ClassIds":[7],"Categories":["Video"],"ReviewResults":["pass"],"TrtcSdkAppIds":[1]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var p api.SearchMedia
		if !reads(body, &p) {
			return
		}
		s := searchable(t)
		r, err := s.SearchMedia(&p, t0.Add(time.Hour))
		if refusal(t, err) != "" {
			return
		}
		if n := uint64(len(r.MediaInfoSet)); n > max(p.Limit, 10) || n > r.TotalCount || r.TotalCount > 3 {
			t.Errorf("%d of %d files", n, r.TotalCount)
		}
		asJSON(t, r)
	})
}

func FuzzModifyMediaInfo(f *testing.F) {
	for _, seed := range []string{
		`{"FileId":"f1"}`, `{"FileId":"f1","Name":"n","Description":"d","ClassId":7,"ExpireTime":"2027-01-01T00:00:00Z"}`,
		`{"FileId":"f1","CoverData":"R0lGODlh","AddTags":["a","b"],"DeleteTags":["sun"]}`,
		`{"FileId":"f1","AddKeyFrameDescs":[{"TimeOffset":1.5,"Content":"c"},{"TimeOffset":-0.0,"Content":"c"}]}`,
		`{"FileId":"f1","DeleteKeyFrameDescs":[1e300]}`,
		`{"FileId":"f1","ClearTags":1,"ClearKeyFrameDescs":1}`, `{"FileId":"f1","Name":"n","AddSubtitles":[{}]}`,
		`{"FileId":"f1","ExpireTime":"9999-12-31T23:59:59-12:00"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var p api.ModifyMediaInfo
		if !reads(body, &p) {
			return
		}
		s := searchable(t)
		before := asJSON(t, s.info("f1", t0))
		_, err := s.ModifyMediaInfo(&p, t0.Add(2*time.Hour))
		info := s.info("f1", t0)
		if after := asJSON(t, info); refusal(t, err) != "" && after != before {
			t.Errorf("%v, and the file was %s\nand is %s", err, before, after)
		}
		basic := info.BasicInfo
		if runes(basic.Name) > 64 || runes(basic.Description) > 128 || len(basic.TagSet) > 16 || basic.ClassId < 0 {
			t.Errorf("the file is %+v", basic)
		}
		if _, err := time.Parse("2006-01-02T15:04:05Z", basic.ExpireTime); err != nil {
			t.Error(err)
		}
		if frames := info.KeyFrameDescInfo; frames != nil && (len(frames.KeyFrameDescSet) == 0 || len(frames.KeyFrameDescSet) > 100) {
			t.Errorf("there are %d key frames", len(frames.KeyFrameDescSet))
		}
	})
}

// reads is whether a body can be read into the parameters of an action, which is what an action is called with.
func reads(body []byte, into any) bool {
	object, err := param.FromJSON(body)
	return err == nil && object.Read(into) == nil
}
