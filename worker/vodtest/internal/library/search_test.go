package library

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// searchable has three files that differ in all that a search can ask for.
func searchable(t *testing.T) archive {
	s := newArchive(t)
	s.put("Summer holiday.mp4", "holiday.mp3", "winter.png")
	s.modify(api.ModifyMediaInfo{
		FileId: "f1", Description: ptr("at the sea"), ClassId: ptr(int64(7)), AddTags: []string{"sun", "warm"},
	})
	s.modify(api.ModifyMediaInfo{FileId: "f2", AddTags: []string{"warm"}, ExpireTime: ptr("2026-04-01T00:00:00Z")})
	s.modify(api.ModifyMediaInfo{FileId: "f3", Description: ptr("no holiday at all")})
	s.media["f3"].basic.SourceInfo.SourceType = "Record"
	s.media["f3"].basic.StorageRegion = "ap-chongqing"
	s.media["f3"].basic.StorageClass = "ARCHIVE"
	s.media["f3"].basic.Status = "Forbidden"
	return s
}

func TestSearchMediaFindsWhatIsAskedFor(t *testing.T) {
	s := searchable(t)
	for _, c := range []struct {
		name string
		p    api.SearchMedia
		want string // the FileIds, in their order
	}{
		{"all, the newest first", api.SearchMedia{}, "f3 f2 f1"},
		{"FileIds", api.SearchMedia{FileIds: []string{"f1", "f3", "none"}}, "f3 f1"},
		{"Names in any case, the most alike first", api.SearchMedia{Names: []string{"HOLIDAY"}}, "f2 f1"},
		{"Names, any of them", api.SearchMedia{Names: []string{"summer", "winter"}}, "f3 f1"},
		{"NamePrefixes", api.SearchMedia{NamePrefixes: []string{"Summer", "winter"}}, "f3 f1"},
		{"NamePrefixes are not found inside", api.SearchMedia{NamePrefixes: []string{"day"}}, ""},
		{"Descriptions", api.SearchMedia{Descriptions: []string{"sea"}}, "f1"},
		{"Text in the name or the description", api.SearchMedia{Text: "holiday"}, "f2 f1 f3"},
		{"ClassIds", api.SearchMedia{ClassIds: []int64{7, 8}}, "f1"},
		{"ClassIds of no class", api.SearchMedia{ClassIds: []int64{0}}, "f3 f2"},
		{"Tags, any of them", api.SearchMedia{Tags: []string{"sun", "moon"}}, "f1"},
		{"Tags are found whole", api.SearchMedia{Tags: []string{"war"}}, ""},
		{"Categories", api.SearchMedia{Categories: []string{"Audio", "Image"}}, "f3 f2"},
		{"SourceTypes", api.SearchMedia{SourceTypes: []string{"Record", "TrtcRecord"}}, "f3"},
		{"SourceType", api.SearchMedia{SourceType: "Upload"}, "f2 f1"},
		{"StorageRegions", api.SearchMedia{StorageRegions: []string{"ap-chongqing"}}, "f3"},
		{"StorageClasses", api.SearchMedia{StorageClasses: []string{"ARCHIVE"}}, "f3"},
		{"MediaTypes in any case", api.SearchMedia{MediaTypes: []string{"MP3", "avi"}}, "f2"},
		{"Status", api.SearchMedia{Status: []string{"Forbidden"}}, "f3"},
		{"ReviewResults of what was never reviewed", api.SearchMedia{ReviewResults: []string{"notModerated"}}, "f3 f2 f1"},
		{"other ReviewResults", api.SearchMedia{ReviewResults: []string{"pass"}}, ""},
		{"all that is asked for must be so", api.SearchMedia{Tags: []string{"warm"}, Categories: []string{"Audio"}}, "f2"},
		{"Sort ascending", api.SearchMedia{Sort: &api.SortBy{Field: "CreateTime", Order: "Asc"}}, "f1 f2 f3"},
		{"Sort descending", api.SearchMedia{Sort: &api.SortBy{Field: "CreateTime", Order: "Desc"}}, "f3 f2 f1"},
		{"Sort has no effect on Names", api.SearchMedia{
			Names: []string{"holiday"}, Sort: &api.SortBy{Field: "CreateTime", Order: "Asc"},
		}, "f2 f1"},
		{"CreateTime with both ends", api.SearchMedia{
			CreateTime: &api.TimeRange{After: "2026-03-01T10:00:00Z", Before: "2026-03-01T10:00:01Z"},
		}, "f2 f1"},
		{"StartTime to before EndTime", api.SearchMedia{StartTime: "2026-03-01T10:00:00Z", EndTime: "2026-03-01T10:00:01Z"}, "f1"},
		{"times of other zones", api.SearchMedia{CreateTime: &api.TimeRange{After: "2026-03-01T18:00:02+08:00"}}, "f3"},
		{"CreateTime before StartTime and EndTime", api.SearchMedia{
			StartTime: "2030-01-01T00:00:00Z", EndTime: "2030-01-02T00:00:00Z",
			CreateTime: &api.TimeRange{After: "2026-03-01T10:00:01Z", Before: "2026-03-01T10:00:01Z"},
		}, "f2"},
		{"ExpireTime with both ends", api.SearchMedia{
			ExpireTime: &api.TimeRange{After: "2026-04-01T00:00:00Z", Before: "2026-04-01T00:00:00Z"},
		}, "f2"},
		{"ExpireTime of those that stay", api.SearchMedia{ExpireTime: &api.TimeRange{After: "9999-12-31T23:59:59Z"}}, "f3 f1"},
		{"StreamIds", api.SearchMedia{StreamIds: []string{"s"}}, ""},
		{"StreamId", api.SearchMedia{StreamId: "s"}, ""},
		{"StreamDomains", api.SearchMedia{StreamDomains: []string{"s"}}, ""},
		{"StreamPaths", api.SearchMedia{StreamPaths: []string{"s"}}, ""},
		{"TrtcSdkAppIds", api.SearchMedia{TrtcSdkAppIds: []uint64{1}}, ""},
		{"TrtcRoomIds", api.SearchMedia{TrtcRoomIds: []string{"1"}}, ""},
		{"Vid and Vids have no effect", api.SearchMedia{Vid: "v", Vids: []string{"v"}}, "f3 f2 f1"},
		{"lists with nothing in them ask for nothing", api.SearchMedia{Names: []string{}, Tags: []string{}}, "f3 f2 f1"},
		{"Offset and Limit", api.SearchMedia{Offset: 1, Limit: 1}, "f2"},
		{"Offset behind the end", api.SearchMedia{Offset: 3}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(s.found(c.p), " "); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func TestSearchMediaRefuses(t *testing.T) {
	s := searchable(t)
	eleven, long := slices.Repeat([]string{"a"}, 11), func(n int) []string { return []string{strings.Repeat("我", n)} }
	const value = "InvalidParameterValue"
	for _, c := range []struct {
		name string
		p    api.SearchMedia
		code string
	}{
		{"many FileIds", api.SearchMedia{FileIds: eleven}, value + ".FileIds"},
		{"a long FileId", api.SearchMedia{FileIds: long(41)}, value + ".FileIds"},
		{"a FileId that may be", api.SearchMedia{FileIds: long(40)}, ""},
		{"many Names", api.SearchMedia{Names: eleven}, value + ".Names"},
		{"a long Name", api.SearchMedia{Names: long(101)}, value + ".Names"},
		{"a Name that may be", api.SearchMedia{Names: long(100)}, ""},
		{"many NamePrefixes", api.SearchMedia{NamePrefixes: eleven}, value + ".NamePrefixes"},
		{"a long NamePrefix", api.SearchMedia{NamePrefixes: long(101)}, value + ".NamePrefixes"},
		{"many Descriptions", api.SearchMedia{Descriptions: eleven}, value},
		{"a long Description", api.SearchMedia{Descriptions: long(101)}, value},
		{"many ClassIds", api.SearchMedia{ClassIds: make([]int64, 11)}, value + ".ClassIds"},
		{"many Tags", api.SearchMedia{Tags: slices.Repeat([]string{"a"}, 17)}, value + ".Tags"},
		{"Tags that may be", api.SearchMedia{Tags: slices.Repeat([]string{"a"}, 16)}, ""},
		{"lists that may be", api.SearchMedia{
			FileIds: eleven[1:], Names: eleven[1:], NamePrefixes: eleven[1:], Descriptions: eleven[1:], MediaTypes: eleven[1:],
			StreamIds: eleven[1:], TrtcRoomIds: eleven[1:], StorageRegions: slices.Repeat([]string{"a"}, 20),
			SourceTypes: slices.Repeat([]string{"Upload"}, 10), ClassIds: make([]int64, 10), TrtcSdkAppIds: make([]uint64, 10),
		}, ""},
		{"texts that may be", api.SearchMedia{
			NamePrefixes: long(100), Descriptions: long(100), Tags: long(32), StorageRegions: long(20), TrtcRoomIds: long(64),
			Text: long(64)[0],
		}, ""},
		{"many SourceTypes", api.SearchMedia{SourceTypes: slices.Repeat([]string{"Upload"}, 11)}, value + ".SourceTypes"},
		{"many StorageRegions", api.SearchMedia{StorageRegions: slices.Repeat([]string{"a"}, 21)}, value + ".StorageRegions"},
		{"many TrtcRoomIds", api.SearchMedia{TrtcRoomIds: eleven}, value},
		{"a long Tag", api.SearchMedia{Tags: long(33)}, value + ".Tags"},
		{"an unknown Category", api.SearchMedia{Categories: []string{"video"}}, value + ".Categories"},
		{"an unknown SourceType", api.SearchMedia{SourceTypes: []string{"Disk"}}, value + ".SourceTypes"},
		{"an unknown old SourceType", api.SearchMedia{SourceType: "Disk"}, value + ".SourceType"},
		{"many StreamIds", api.SearchMedia{StreamIds: eleven}, value + ".StreamIds"},
		{"a long StorageRegion", api.SearchMedia{StorageRegions: long(21)}, value + ".StorageRegions"},
		{"an unknown StorageClass", api.SearchMedia{StorageClasses: []string{"COLD"}}, value},
		{"many MediaTypes", api.SearchMedia{MediaTypes: eleven}, value + ".Types"},
		{"an unknown Status", api.SearchMedia{Status: []string{"normal"}}, value},
		{"an unknown ReviewResult", api.SearchMedia{ReviewResults: []string{"good"}}, value},
		{"many TrtcSdkAppIds", api.SearchMedia{TrtcSdkAppIds: make([]uint64, 11)}, value},
		{"a long TrtcRoomId", api.SearchMedia{TrtcRoomIds: long(65)}, value},
		{"a long Text", api.SearchMedia{Text: long(65)[0]}, value + ".Text"},
		{"an unknown filter", api.SearchMedia{Filters: []string{"all"}}, "InvalidParameter"},
		{"another Sort.Field", api.SearchMedia{Sort: &api.SortBy{Field: "UpdateTime"}}, value + ".Sort"},
		{"another Sort.Order", api.SearchMedia{Sort: &api.SortBy{Field: "CreateTime", Order: "asc"}}, value + ".Sort"},
		{"a StartTime without a zone", api.SearchMedia{StartTime: "2026-03-01T10:00:00"}, value + ".StartTime"},
		{"an EndTime that is none", api.SearchMedia{EndTime: "now"}, value + ".EndTime"},
		{"a CreateTime.After that is none", api.SearchMedia{CreateTime: &api.TimeRange{After: "now"}}, value + ".StartTime"},
		{"a CreateTime.Before that is none", api.SearchMedia{CreateTime: &api.TimeRange{Before: "now"}}, value + ".EndTime"},
		{"an ExpireTime.After that is none", api.SearchMedia{ExpireTime: &api.TimeRange{After: "now"}}, value + ".ExpireTime"},
		{"an ExpireTime.Before that is none", api.SearchMedia{ExpireTime: &api.TimeRange{Before: "now"}}, value + ".ExpireTime"},
		{"the last page", api.SearchMedia{Offset: 4990}, ""},
		{"a page behind it", api.SearchMedia{Offset: 4991}, value + ".Offset"},
		{"the last file", api.SearchMedia{Offset: 4999, Limit: 1}, ""},
		{"a page that has begun", api.SearchMedia{Offset: 4999, Limit: 2}, value + ".Offset"},
		{"a large page", api.SearchMedia{Limit: 5000}, ""},
		{"one too large", api.SearchMedia{Limit: 5001}, value + ".Offset"},
		{"an Offset and a Limit that overflow", api.SearchMedia{Offset: 1 << 63, Limit: 1 << 63}, value + ".Offset"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := s.SearchMedia(&c.p, t0); refusal(t, err) != c.code {
				t.Errorf("%v, want %q", err, c.code)
			}
		})
	}
}

func TestASearchCountsAllThatItCanShow(t *testing.T) {
	s := newArchive(t)
	for i := range maxFound + 1 {
		s.Upload(fmt.Sprintf("%d.mp4", i), t0)
	}
	for _, c := range []struct {
		p             api.SearchMedia
		total, onPage int
	}{
		{api.SearchMedia{}, maxFound, 10},
		{api.SearchMedia{NamePrefixes: []string{"12"}, Limit: 7}, 111, 7},
		{api.SearchMedia{NamePrefixes: []string{"12"}, Offset: 100, Limit: 50}, 111, 11},
		{api.SearchMedia{Offset: 4999, Limit: 1}, maxFound, 1},
	} {
		r, err := s.SearchMedia(&c.p, t0)
		if err != nil || r.TotalCount != uint64(c.total) || len(r.MediaInfoSet) != c.onPage {
			t.Errorf("%+v: %+v, %v; want %d, and %d on the page", c.p, r, err, c.total, c.onPage)
		}
	}
}

func TestASearchShowsWhatItsFiltersName(t *testing.T) {
	s := searchable(t)
	r, err := s.SearchMedia(&api.SearchMedia{Filters: []string{"metaData"}, Limit: 1}, t0)
	if err != nil || r.MediaInfoSet[0].BasicInfo != nil || r.MediaInfoSet[0].MetaData == nil || r.MediaInfoSet[0].FileId != "f3" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestCreateTimeIsComparedAsItIsShown(t *testing.T) {
	s := newArchive(t)
	s.Upload("a.mp4", t0.Add(900*time.Millisecond)) // shown as t0
	if got := s.found(api.SearchMedia{CreateTime: &api.TimeRange{Before: "2026-03-01T10:00:00Z"}}); len(got) != 1 {
		t.Errorf("found %q", got)
	}
}

func BenchmarkSearchMedia(b *testing.B) {
	l := New(1, archiveRules())
	for i := range 100_000 {
		l.Upload(fmt.Sprintf("Holiday number %d.mp4", i), t0.Add(time.Duration(i)*time.Second))
	}
	l.Advance(t0)
	for name, p := range map[string]*api.SearchMedia{
		"all":   {},
		"names": {Names: []string{"holiday", "99"}},
		"none":  {Tags: []string{"a", "b"}, Categories: []string{"Video"}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := l.SearchMedia(p, t0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
