package condition_test

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/events/condition"
)

var yes, no = true, false

func TestACondition(t *testing.T) {
	const object = `{"code":0,"text":"0","big":5285485487985271487,"one":1.0,"on":true,"none":null,"empty":[],"nothing":"",
		"in":{"code":7},"list":[{"code":1,"names":["a","b"]},{"code":null},{"code":"3"}],
		"session":"{\"env\":\"test\",\"n\":[1,2]}","prose":"env=test"}`
	for _, test := range []struct {
		path, in, notIn, prefix string
		exists                  *bool
		want                    bool
	}{
		{path: "code", in: "0", want: true},
		{path: "code", in: "1 0 2", want: true},
		{path: "code", in: "00"},
		{path: "code", notIn: "0"},
		{path: "code", notIn: "1", want: true},
		{path: "text", in: "0", want: true},
		{path: "text", in: "0.0"},
		{path: "code", in: "0.0", want: true},
		{path: "one", in: "1", want: true},
		{path: "big", in: "5285485487985271487", want: true},
		{path: "big", in: "5285485487985271488"},
		{path: "on", in: "true", want: true},
		{path: "on", in: "1"},
		{path: "in.code", in: "7", want: true},
		{path: "in", in: `{"code":7}`},
		{path: "none", in: "null"},
		{path: "none", notIn: "0", want: true},
		{path: "absent", in: "0"},
		{path: "absent", notIn: "0", want: true},
		{path: "absent", prefix: "a"},
		{path: "Code", in: "0"},
		{path: "prose", prefix: "env=", want: true},
		{path: "prose", prefix: "nv="},
		{path: "code", prefix: "0"},
		{path: "code", exists: &yes, want: true},
		{path: "code", exists: &no},
		{path: "none", exists: &yes},
		{path: "none", exists: &no, want: true},
		{path: "empty", exists: &yes},
		{path: "nothing", exists: &yes, want: true},
		{path: "in", exists: &yes, want: true},
		{path: "list.#.code", in: "3", want: true},
		{path: "list.#.code", in: "2"},
		{path: "list.#.code", notIn: "1"},
		{path: "list.#.code", notIn: "2", want: true},
		{path: "list.#.names", in: "b", want: true},
		{path: "list.#.names", prefix: "b", want: true},
		{path: "list.#.absent", exists: &yes},
		{path: `list.#(code=="3")`, exists: &yes, want: true},
		{path: `list.#(code=="4")`, exists: &yes},
		{path: `list.#(code=="4")#`, exists: &yes},
		{path: "list.0.code", in: "1", want: true},
		{path: "list.#", in: "3", want: true},
		{path: "session.@fromstr.env", in: "test", want: true},
		{path: "session|@fromstr|env", in: "test", want: true},
		{path: "session.@fromstr.n", in: "2", want: true},
		{path: "prose.@fromstr.env", in: "test"},
		{path: "prose.@fromstr.env", notIn: "test", want: true},
		{path: "absent.@fromstr.env", exists: &yes},
	} {
		c := condition.Condition{JSON: test.path, Prefix: test.prefix, Exists: test.exists}
		if test.in != "" {
			c.In = strings.Split(test.in, " ")
		}
		if test.notIn != "" {
			c.NotIn = strings.Split(test.notIn, " ")
		}
		if err := c.Validate(); err != nil {
			t.Errorf("%+v: %v", test, err)
		}
		if got := c.Holds([]byte(object)); got != test.want {
			t.Errorf("%+v: got %v", test, got)
		}
	}
}

func TestAllConditionsMustHold(t *testing.T) {
	object := []byte(`{"a":1,"b":2}`)
	a, b := condition.Condition{JSON: "a", In: []string{"1"}}, condition.Condition{JSON: "b", In: []string{"1"}}
	for _, test := range []struct {
		all  []condition.Condition
		want bool
	}{{nil, true}, {[]condition.Condition{a}, true}, {[]condition.Condition{a, b}, false}, {[]condition.Condition{b, a}, false}} {
		if got := condition.All(test.all, object); got != test.want {
			t.Errorf("%+v: got %v", test.all, got)
		}
	}
}

func TestAConditionThatCanNotBeMeantIsRefused(t *testing.T) {
	for _, test := range []struct {
		condition condition.Condition
		want      string
	}{
		{condition.Condition{In: []string{"0"}}, "json: it is missing"},
		{condition.Condition{JSON: "a"}, "it does not say what to look for; write one of in: "},
		{condition.Condition{JSON: "a", In: []string{}}, "in: the list is empty"},
		{condition.Condition{JSON: "a", NotIn: []string{}}, "not_in: the list is empty"},
		{condition.Condition{JSON: "a", In: []string{"1"}, Exists: &yes}, "exists: in is given too; keep one, since a condition asks one question"},
		{condition.Condition{JSON: "$.a", Exists: &yes}, "json: this is JSONPath"},
		{condition.Condition{JSON: "/a/b", Exists: &yes}, "json: this is a JSON Pointer"},
		{condition.Condition{JSON: "a..b", Exists: &yes}, "json: it is no path"},
		{condition.Condition{JSON: ".a", Exists: &yes}, "json: it is no path"},
		{condition.Condition{JSON: "a.", Exists: &yes}, "json: it is no path"},
		{condition.Condition{JSON: "{a,b}", Exists: &yes}, "json: it is no path"},
		{condition.Condition{JSON: "a.#(b", Exists: &yes}, "json: a bracket is not closed"},
		{condition.Condition{JSON: "a|", Exists: &yes}, "json: something is missing at its end"},
		{condition.Condition{JSON: "a.@fromjson.b", Exists: &yes}, "json: there is no @fromjson; write @fromstr"},
	} {
		if err := test.condition.Validate(); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%+v: got %v, want %s…", test.condition, err, test.want)
		}
	}
}

// A condition is asked of what anybody may have sent.
func FuzzACondition(f *testing.F) {
	f.Add(`{"a":[{"b":"c"}]}`, "a.#.b", "c")
	f.Add(`{"a":"{\"b\":1}"}`, "a.@fromstr.b", "1")
	f.Add(`{"a":[1,2]}`, `a.#(b>"1")#|@reverse`, "-1e5")
	f.Fuzz(func(t *testing.T, object, path, value string) {
		in := condition.Condition{JSON: path, In: []string{value}}
		notIn := condition.Condition{JSON: path, NotIn: []string{value}}
		if !gjson.Valid(object) || in.Validate() != nil {
			return
		}
		if holds := in.Holds([]byte(object)); holds == notIn.Holds([]byte(object)) {
			t.Error("in and not_in agree")
		} else if holds && !in.Found([]byte(object)) {
			t.Error("something is in, but nothing was found")
		}
	})
}
