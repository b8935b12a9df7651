package library

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// What kinds of job have in common.

// maxTemplate is more than the number of any template.
const maxTemplate = math.MaxInt32

// atMost refuses a list that is longer than VOD takes.
func atMost[T any](path string, list []T, most int) error {
	if len(list) > most {
		return api.Refuse("InvalidParameterValue", "%s has %d elements; it may have %d", path, len(list), most)
	}
	return nil
}

// lacking refuses something that VOD has and the emulator has not, if it is given.
func lacking(what string, given bool) error {
	if given {
		return api.Refuse("UnsupportedOperation", "VOD has %s, and this emulator does not: leave it out", what)
	}
	return nil
}

func checkWatermarks(path string, set []api.WatermarkInput) error {
	for i := range set {
		switch {
		case runes(set[i].TextContent) > 100:
			return api.Refuse("InvalidParameterValue", "%sWatermarkSet.%d.TextContent is longer than 100 characters", path, i)
		case runes(set[i].SvgContent) > 2_000_000:
			return api.Refuse("InvalidParameterValue", "%sWatermarkSet.%d.SvgContent is longer than 2000000 characters", path, i)
		}
	}
	return atMost(path+"WatermarkSet", set, 10)
}

// checkDigital refuses what is wrong with watermarks that one does not see.
func checkDigital(path string, trace *api.TraceWatermarkInput, right *api.CopyRightWatermarkInput) error {
	var wrong error
	if trace != nil && trace.Switch != "ON" && trace.Switch != "OFF" {
		wrong = api.Refuse("InvalidParameterValue", "%sTraceWatermark.Switch is %.60q; it must be ON or OFF", path, trace.Switch)
	}
	if right != nil && runes(right.Text) > 200 {
		wrong = cmp.Or(wrong, api.Refuse("InvalidParameterValue", "%sCopyRightWatermark.Text is longer than 200 characters", path))
	}
	return wrong
}

// digital returns how outputs call watermarks that one does not see.
func digital(trace *api.TraceWatermarkInput, right *api.CopyRightWatermarkInput, blind *api.BlindWatermarkInput) (
	kind, text string, blindDefinition int64) {
	kind = "None"
	if right != nil {
		kind, text = "CopyRight", right.Text
	}
	if trace != nil && trace.Switch == "ON" {
		kind = "Trace"
	}
	if blind != nil {
		blindDefinition = int64(min(blind.Definition, maxTemplate))
	}
	return kind, text, blindDefinition
}

// templatesOf returns the templates of the watermarks that a picture has.
func templatesOf(set []api.WatermarkInput) []int64 {
	templates := make([]int64, len(set))
	for i := range set {
		templates[i] = int64(min(set[i].Definition, maxTemplate))
	}
	return templates
}

// invalidOffset is what a point in time fails with that the file does not have.
var invalidOffset = &Failure{Code: "InvalidInput.InvalidTimeOffset"}

// section returns which part of a file is meant, in seconds. An offset that is negative counts from the end, and an end of 0 is
// the end.
func section(start, end float64) (from, to float64, failure *Failure) {
	from, to = start, end
	if start < 0 {
		from = duration + start
	}
	if end <= 0 {
		to = duration + end
	}
	if !(0 <= from && from < to && to <= duration) {
		return 0, 0, invalidOffset
	}
	return from, to, nil
}

// pointOf returns the point in time that an offset such as 3.5s or 10% means, in milliseconds.
func pointOf(offset string) (float64, *Failure) {
	number, seconds := strings.CutSuffix(offset, "s")
	if !seconds {
		var percent bool
		if number, percent = strings.CutSuffix(offset, "%"); !percent {
			return 0, invalidOffset
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, invalidOffset
	}
	if !seconds {
		n *= duration / 100.0
	}
	point := math.Round(n * 1000)
	return point, outside(point)
}

// outside is a failure if a file has nothing at a point in time, in milliseconds.
func outside(point float64) *Failure {
	if !(0 <= point && point <= duration*1000) { // nor is it a number
		return invalidOffset
	}
	return nil
}

// filled returns a list that is not null in JSON.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// put adds what was made of a file to what is kept with it, in place of what was at the same URL.
func put[T any](set []T, item T, view func(T) MadeView) []T {
	i := slices.IndexFunc(set, func(old T) bool { return view(old).URL == view(item).URL })
	if i < 0 {
		return append(set, item)
	}
	set[i] = item
	return set
}

// sum makes up the MD5 of a file that there is not.
func sum(url string) string {
	digest := md5.Sum([]byte(url))
	return hex.EncodeToString(digest[:])
}
