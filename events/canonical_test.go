package events_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/events"
)

// checkCanonical checks that the form is that of the reference, if it is not left to the reference, and reports which.
func checkCanonical(tb testing.TB, content []byte) (ok bool) {
	tb.Helper()
	before := bytes.Clone(content)
	got, ok := events.Canonical(content)
	if want := events.Reference(content); ok && !bytes.Equal(got, want) {
		tb.Errorf("of %q\n got %q\nwant %q", content, got, want)
	}
	if !bytes.Equal(content, before) {
		tb.Errorf("%q was changed", before)
	}
	return ok
}

func TestTheKeysOfVODsEventsTakeNoDecoding(t *testing.T) {
	for typ, content := range fixtures(t) {
		for _, content := range [][]byte{content, compact(t, content), withHandle(content, "h"), reversed(t, content)} {
			if !checkCanonical(t, content) {
				t.Errorf("%s was left to the reference:\n%s", typ, content)
			}
		}
	}
	if !checkCanonical(t, largeEvent(t, "h")) {
		t.Error("the event of the benchmarks was left to the reference")
	}
}

func TestTheKeyOfOddJSONIsThatOfTheReference(t *testing.T) {
	const left, done = false, true
	for content, want := range map[string]bool{
		``: left, ` `: left, `null`: done, ` 12 `: done, `"a"`: done, `{}`: done, `[]`: done, "\ufeff{}": left,
		`{} {}`: left, `{}x`: left, "{}\x00": left, "\x00": left, "{\x00}": left, "{}\v": left, `[1]]`: left, `12 13`: left,
		`{`: left, `[`: left, `"`: left, `"\`: left, `"\"`: left, `{"a`: left, `{"a"`: left, `{"a":`: left, `{"a":1`: left, `[1`: left,
		`{"a":}`: left, `{"a"}`: left, `{"a":1,}`: left, `{,}`: left, `[,]`: left, `[1,]`: left, `[1 2]`: left, `{"a" 1}`: left,
		`{1:2}`: left, `{"a":1]`: left, `[1}`: left, `{"a":1,,"b":2}`: left, `nul`: left, `nullx`: left, `True`: left, `[nulll]`: left,

		`[0,-0,-1,0.5,1.50,1e5,1E+05,1e-400,10,14508071098244959037,true,false,null]`: done,
		`[01]`: left, `[-]`: left, `[-01]`: left, `[1.]`: left, `[.5]`: left, `[1e]`: left, `[1e+]`: left, `[+1]`: left, `[0x1]`: left,
		`[1a]`: left, `[1"a"]`: left, `[1[2]]`: left, `[00]`: left, `[NaN]`: left, `[--1]`: left, `[1.5.5]`: left, `[12E]`: left,

		`{"b":1,"a":2,"":3,"ab":4,"a b":5,"a!":6}`:                       done,
		`{"abcdefgh":1,"abcdefghi":2,"abcdefg":3,"abcdefgz":4}`:          done,
		"{\"a\x7f\":1,\"aé\":2,\"a\":3,\"a视\":4,\"a𝄞\":5,\"a\uffff\":6}": done,
		`{"a":1,"a":2}`: left, `{"a":1,"a":null}`: left, `{"a":null,"a":1}`: left, `{"a":null,"a":null}`: done,
		`{"a":{"b":1,"b":null}}`: left, `{"a":1,"\u0061":2}`: left, `{"a":1,"\u0061":null}`: left, `{"a&b":1}`: left,
		"{\"\u2028\":1}": left, `{"a\\":1}`: left,

		`{"a":null,"b":[null,{"c":null}],"d":"null","e":{"f":null}}`:           done,
		`{"Sign":1,"sign":2,"T":3,"t":4,"EventHandle":5,"a":{"T":1,"Sign":2}}`: done,
		`{"T":1,"T":null,"EventHandle":"a","EventHandle":{"b":[]},"Ta":1}`:     done,
		`{"\u0054":1}`: left, `{"EventHandl\u0065":1}`: left, `[{"EventHandle":1,"T":2,"a":null}]`: done,
		`{"EventHandle":}`: left, `{"EventHandle":x}`: left, "{\"EventHandle\":\"\xff\",\"a\":1}": left,

		`["<>&","\"\\\b\f\n\r\t"]`: done, `["\/","\u0026\u00e9\u2028","\ud83d\ude00","\ud800","\ud800x\udc00","\u0000\u001f"]`: done,
		"[\"\u2028\u2029\u2027“”…\ufffd\x7f\",\"é视频😀\",\"12345678\",\"1234567&\",\"12345678&9\"]": done,
		"[\"\xff\"]": left, "[\"\xe2\x80\"]": left, "[\"\xed\xa0\x80\"]": left, "[\"a\nb\"]": left,
		"[\"\x00\"]": left, "[\"a\x1f\"]": left,
		`["\x"]`: left, `["\u12"]`: left, `["\u12G4"]`: left, `["\'"]`: left,

		"\t{\r\n\"b\" :\t1 ,\"a\": [ 1 , 2 ] , \"c\" :null}\n": done, "{\"a\"\v:1}": left, "{\"a\":1\u00a0}": left,

		strings.Repeat("[", 16) + strings.Repeat("]", 16):                                done,
		strings.Repeat("[", 17) + strings.Repeat("]", 17):                                left,
		strings.Repeat(`{"b":0,"a":`, 16) + "1" + strings.Repeat(`,"A":null}`, 16):       done,
		strings.Repeat(`{"b":0,"a":`, 10001) + "1" + strings.Repeat(`,"A":null}`, 10001): left,
		`"` + strings.Repeat("a", 256<<10-2) + `"`:                                       done,
		`"` + strings.Repeat("a", 256<<10-1) + `"`:                                       left,
		`{"":0` + strings.Repeat(`,"a":null`, 127) + `}`:                                 done,
		`{"":0` + strings.Repeat(`,"a":null`, 128) + `}`:                                 left,
	} {
		if ok := checkCanonical(t, []byte(content)); ok != want {
			t.Errorf("%.200q: canonical without the reference: got %v, want %v", content, ok, want)
		}
	}
	for _, content := range odd {
		checkCanonical(t, []byte(content))
	}
}

// Most of what this makes is JSON; FuzzCanonical finds what is not.
func TestTheKeyOfRandomJSONIsThatOfTheReference(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	space := func() string { return pick("", "", "", "", "", "", "", " ", "\n\t") }
	text := func() string {
		var out strings.Builder
		for range random.IntN(8) {
			out.WriteString(pick("a", "b", "Sign", "T", "EventHandle", "<", "&", "é", "视频", "\u2028", "“", " ", "!",
				`\"`, `\\`, `\n`, `\/`,
				`\u0026`, `\u0061`, `\ud800`, "0123456789", "\x7f", "😀"))
		}
		return `"` + out.String() + `"`
	}
	var value func(depth int) string
	value = func(depth int) string {
		if depth == 0 || random.IntN(3) == 0 {
			return pick("null", "true", "false", "0", "-1", "1.50", "1e400", "9007199254740993", "null", text(), text())
		}
		var out []string
		object := random.IntN(3) > 0
		for range random.IntN(7) {
			member := space() + value(depth-1) + space()
			if object {
				key := pick(`"a`, `"b`, `"Status`, `"T`, `"`) + pick("", "", "a", "z", "Information", "é") + `"`
				member = space() + pick(key, key, key, key, `"EventHandle"`, `"sign"`, text()) + space() + ":" + member
			}
			out = append(out, member)
		}
		if object {
			return "{" + strings.Join(out, ",") + space() + "}"
		}
		return "[" + strings.Join(out, ",") + space() + "]"
	}
	const documents = 5_000
	ok := 0
	for range documents {
		if checkCanonical(t, []byte(space()+value(5)+space())) {
			ok++
		}
	}
	if ok < documents/4 || ok == documents {
		t.Errorf("%d of %d were not left to the reference: this shows little", ok, documents)
	}
}

func FuzzCanonical(f *testing.F) {
	seed(f, func(content []byte) { f.Add(content) })
	f.Add([]byte(`{"A":[1e400,9007199254740993,-0,null,{"B":null}],"Sign":"s","T":1,"\u0041":"<\/\u0026"} {}`))
	f.Fuzz(func(t *testing.T, content []byte) { checkCanonical(t, content) })
}
