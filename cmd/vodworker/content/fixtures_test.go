package content_test

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/cmd/vodworker/content"
	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/events/condition"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// eachValue calls back for each value of an event that has a path.
func eachValue(path string, value gjson.Result, call func(path string, value gjson.Result)) {
	if path != "" {
		call(path, value)
	}
	i := 0
	value.ForEach(func(key, below gjson.Result) bool {
		name := key.Str
		if value.IsArray() {
			name = strconv.Itoa(i)
			i++
		}
		if value.IsObject() || value.IsArray() {
			eachValue(strings.TrimPrefix(path+"."+name, "."), below, call)
		}
		return true
	})
}

// A condition on whatever is in an event is taken, and answered.
func TestWhereOverEachSample(t *testing.T) {
	yes, no, contexts := true, false, 0
	for _, name := range vodtest.Fixtures() {
		sample, err := vodtest.Fixture(name)
		if err != nil {
			t.Fatal(err)
		}
		holds := func(c condition.Condition) bool {
			t.Helper()
			found, err := content.Check(c, events.Types())
			if key := events.Type(name).PayloadKey(); err != nil || found.Payload != "" && strings.HasPrefix(c.JSON, key) && found.Payload.PayloadKey() != key {
				t.Errorf("%s: %+v: %+v, %v", name, c, found, err)
			}
			if err := c.Validate(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return condition.All([]condition.Condition{c}, sample)
		}
		values := 0
		eachValue("", gjson.ParseBytes(sample), func(path string, value gjson.Result) {
			if strings.Contains(path, "SessionContext.") || strings.ContainsAny(path, " :/") {
				return
			}
			values++
			isThere := value.Type != gjson.Null && (!value.IsArray() || len(value.Array()) > 0)
			if holds(condition.Condition{JSON: path, Exists: &yes}) != isThere || holds(condition.Condition{JSON: path, Exists: &no}) == isThere {
				t.Errorf("%s: exists does not tell of %s", name, path)
			}
			if !isThere || value.Type == gjson.JSON {
				return
			}
			same := []string{value.String()}
			if value.Type == gjson.Number {
				same[0] = value.Raw
			}
			if !holds(condition.Condition{JSON: path, In: same}) || holds(condition.Condition{JSON: path, NotIn: same}) {
				t.Errorf("%s: %s is %s, and in does not say so", name, path, value.Raw)
			}
			if value.Type == gjson.String && value.Str != "" && !holds(condition.Condition{JSON: path, Prefix: value.Str[:1]}) {
				t.Errorf("%s: %s begins as it does, and prefix does not say so", name, path)
			}
		})
		if values < 5 {
			t.Errorf("%s: only %d values", name, values)
		}
		// What another type has is absent, and null for some of the samples.
		other := "PullCompleteEvent.TaskId"
		if name == "PullComplete" {
			other = "ProcedureStateChangeEvent.TaskId"
		}
		if holds(condition.Condition{JSON: other, In: []string{"x"}}) || !holds(condition.Condition{JSON: other, NotIn: []string{"x"}}) ||
			holds(condition.Condition{JSON: other, Prefix: "x"}) || !holds(condition.Condition{JSON: other, Exists: &no}) {
			t.Errorf("%s has a field of another type", name)
		}
		// Whoever starts a task can name things in its context.
		key := events.Type(name).PayloadKey()
		if context := gjson.GetBytes(sample, key+".SessionContext"); context.Type == gjson.String {
			contexts++
			sample = slices.Concat(sample[:context.Index], []byte(`"{\"env\":\"test\"}"`), sample[context.Index+len(context.Raw):])
			if !holds(condition.Condition{JSON: key + ".SessionContext.@fromstr.env", In: []string{"test"}}) {
				t.Errorf("%s: %s.SessionContext.@fromstr leads nowhere", name, key)
			}
		}
	}
	if contexts < 20 {
		t.Errorf("only %d samples have a SessionContext", contexts)
	}
}

// The examples of the pages: failed tasks, also those of which only a part has failed.
func TestWhereFindsWhatHasFailed(t *testing.T) {
	sample, err := vodtest.Fixture("ProcedureStateChanged")
	if err != nil {
		t.Fatal(err)
	}
	yes, no := true, false
	task := condition.Condition{JSON: "ProcedureStateChangeEvent.ErrCode", NotIn: []string{"0"}}
	const results = "ProcedureStateChangeEvent.MediaProcessResultSet."
	transcode := condition.Condition{JSON: results + "#(TranscodeTask.ErrCode!=0)", Exists: &yes}
	noTranscode := condition.Condition{JSON: transcode.JSON, Exists: &no}
	kind := condition.Condition{JSON: results + "#.Type", In: []string{"CoverBySnapshot"}}
	with := func(old, new string) []byte { return bytes.Replace(sample, []byte(old), []byte(new), 1) }
	well := with("70000", "0")
	for what, test := range map[string]struct {
		event     []byte
		want, not []condition.Condition
	}{
		"all is well":        {well, []condition.Condition{noTranscode, kind}, []condition.Condition{task, transcode}},
		"a transcode failed": {sample, []condition.Condition{transcode, kind}, []condition.Condition{task, noTranscode}}, // of two
		"the task failed": {bytes.Replace(well, []byte(`"ErrCode": 0`), []byte(`"ErrCode": 70000`), 1),
			[]condition.Condition{task, noTranscode}, []condition.Condition{transcode}},
		"there are no results": {[]byte(`{"ProcedureStateChangeEvent":{"ErrCode":0,"MediaProcessResultSet":null}}`),
			[]condition.Condition{noTranscode}, []condition.Condition{task, transcode, kind}},
	} {
		for _, c := range test.want {
			if !condition.All([]condition.Condition{c}, test.event) {
				t.Errorf("%s: %+v does not hold", what, c)
			}
		}
		for _, c := range test.not {
			if condition.All([]condition.Condition{c}, test.event) {
				t.Errorf("%s: %+v holds", what, c)
			}
		}
	}
}
