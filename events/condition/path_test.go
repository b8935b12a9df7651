package condition_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events/condition"
)

// gjson takes each of these, and finds nothing, or something else, in any object.
func TestAPathThatNeverHoldsIsRefused(t *testing.T) {
	for path, want := range map[string]string{
		`a.#(b=="x" && c=="y")`:      `a query compares once; write #(A=="x")#|#(B=="y") where both`,
		`a.#(b=="x"&&c=="y")`:        "a query compares once",
		`a.#(b=="x" || b=="y")`:      "a query compares once",
		`a.#(b && c)`:                "a query compares once",
		`a.#(b==="x")`:               "a query does not know ===; write ==, !=, ",
		`a.#(b="x")`:                 "a query does not know =;",
		`a.#(b=>1)`:                  "a query does not know =>;",
		`a.#(b=<1)`:                  "a query does not know =<;",
		`a.#(b<>1)`:                  "a query does not know <>;",
		`a.#(!b)`:                    "a query does not know !;",
		`a.#(b!)`:                    "a query does not know !;",
		`a.#(b=~"x")`:                "a query does not know =;",
		`a.#(b=='x')`:                "a query compares with one value; write a number, true, false, a text in double quotes",
		`a.#(b=="x)`:                 "a bracket is not closed",
		`a.#(b==)`:                   "a query compares with one value",
		`a.#(b==null)`:               "a query compares with one value",
		`a.#(b=="x" y)`:              "a query compares with one value",
		`a.#(b==["x"])`:              "a query compares with one value",
		`a.#(b.#(c='x'))`:            "a query does not know =;",
		`a.#(b.#(c=='x').d==1)`:      "a query compares with one value",
		`a.#()`:                      "a query is empty",
		`a.#(b==1)c`:                 "a dot is missing behind a bracket",
		`a.#(b==1`:                   "a bracket is not closed",
		`a.#(b=="(")#)`:              "a dot is missing behind a bracket",
		`a.#.b|c`:                    "a | behind # is about the list of all that was found, which has no fields; write a.#.b.c",
		`a.#(b==1)#|c`:               "a | behind #",
		`a.#|b`:                      "a | behind #",
		`a.#|0`:                      "a | behind #", // the number of them has no first
		`a.#b`:                       "a # stands alone",
		`a.b#c.#d`:                   "a # stands alone",
		`a[0].b`:                     "this is JSONPath; write a.0.b",
		`a[*].b[12]`:                 "this is JSONPath; write a.#.b.12",
		`a.[0].b`:                    "this is JSONPath; write a",
		`a.[b,c]`:                    "a bracket is part of no name",
		`a["b"]`:                     "a bracket is part of no name",
		`a.b{c}`:                     "a bracket is part of no name",
		`a.{b,c}`:                    "it is no path",
		`a.!"x"`:                     "it is no path",
		`a.(b)`:                      "a bracket is part of no name",
		`a..b`:                       "it is no path",
		`s@fromstr.b`:                "a dot is missing in front of @; write s.@fromstr.b",
		`a.#(s@fromstr.b==1)`:        "a dot is missing in front of @; write s.@fromstr.b",
		`a.#(s.@fromjson.b==1)`:      "there is no @fromjson",
		`s.@fromstr.t.@fromstr.b`:    "@fromstr is there twice",
		`s.@valid`:                   "there is no @valid; write @fromstr",
		`s.@flatten:{"deep":true}`:   "there is no @flatten",
		`a.#(s.@fromstr.#(b='x').c)`: "a query does not know =;",
	} {
		err := condition.Condition{JSON: path, Exists: &yes}.Validate()
		if err == nil || !strings.HasPrefix(err.Error(), "json: "+want) {
			t.Errorf("%s: got %v, want %s…", path, err, want)
		}
	}
}

func TestAPathThatHoldsIsTaken(t *testing.T) {
	const object = `{"a":[{"b":1,"t":"x(y","on":true,"c":[{"d":"&& ||"}],"s":"{\"n\":7}"},{"b":2,"t":"q\"","n":null}],"x.y":1,"k[0]":1,"m@n":1}`
	for _, path := range []string{
		`a.#(b==1)`, `a.#(b!=1)#`, `a.#(b<=1)`, `a.#(b >= 2).t`, `a.#(t%"x*")`, `a.#(t!%"x*").b`, `a.#(t%x*)`, `a.#(t=="x(y").b`, `a.#(t=="q\"").b`,
		`a.#(on==true)`, `a.#(on==~true)`, `a.#(n==~null)`, `a.#(c.#(d=="&& ||"))`, `a.#(c.#(d%"*||*").d%"*")#.b`, `a.#(s.@fromstr.n==7).b`,
		`a.#(b>0)#|#(b>1)`, `a.#(b>0)#|0`, `a.#(b>0)#|0.t`, `a.#.b|0`, `a.#.c|0|#.d`, `a.#.b|@reverse|0`, `a.#(b==1)|t`, `a.@reverse.0.t`, `a|0|b`,
		`a.#`, `a.#.c.#`, `x\.y`, `x?y`, `k\[0\]`, `m@n`,
	} {
		c := condition.Condition{JSON: path, Exists: &yes}
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", path, err)
		} else if !c.Holds([]byte(object)) {
			t.Errorf("%s finds nothing", path)
		}
	}
}

func TestListsAreLookedIntoUpToEightDeep(t *testing.T) {
	nested := func(levels int) []byte {
		return []byte(`{"a":` + strings.Repeat("[", levels) + "7" + strings.Repeat("]", levels) + `}`)
	}
	seven := condition.Condition{JSON: "a", In: []string{"7"}}
	if !seven.Holds(nested(8)) || seven.Holds(nested(9)) || seven.Found(nested(9)) {
		t.Error("they are not")
	}
	// Nothing is looked at where only a stack as deep would do.
	deep := []byte(`{"b":1,` + string(nested(20_000)[1:]))
	if condition.All([]condition.Condition{{JSON: "b", Exists: &yes}}, condition.Object(deep)) {
		t.Error("something is found in what is 20,000 levels deep")
	}
}

// Whatever a stranger sends, 16 times as much is to take about 16 times as long.
func BenchmarkWhatAStrangerSends(b *testing.B) {
	for name, body := range map[string]func(n int) string{
		"nested lists":    func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) },
		"nested objects":  func(n int) string { return strings.Repeat(`[{"b":`, n/4) + "1" + strings.Repeat("}]", n/4) },
		"many elements":   func(n int) string { return `[` + strings.Repeat(`{"b":1,"c":[2]},`, n/8) + `0]` },
		"an open text":    func(n int) string { return `["` + strings.Repeat(`\"`, n) + `"]` },
		"lists in a text": func(n int) string { return `"` + strings.Repeat(`[`, n) + `"` },
	} {
		b.Run(name, func(b *testing.B) {
			small, large := []byte(`{"a":`+body(4<<10)+`}`), []byte(`{"a":`+body(64<<10)+`}`)
			cost := func(object []byte) time.Duration {
				began := time.Now()
				for _, path := range []string{"a", "a.#.b", "a.#(b==1)#.c", "a.#.#.#.#.b", "a.@fromstr.#.b", "a.@reverse", "a.*.b"} {
					condition.Condition{JSON: path, In: []string{"none"}}.Holds(object)
				}
				return time.Since(began)
			}
			var ofSmall, ofLarge time.Duration
			for b.Loop() {
				ofSmall, ofLarge = ofSmall+cost(small), ofLarge+cost(large)
			}
			b.ReportMetric(float64(ofLarge)/float64(ofSmall), "×/16×")
		})
	}
}
