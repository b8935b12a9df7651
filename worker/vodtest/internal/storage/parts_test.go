package storage

import (
	"fmt"
	"hash/crc64"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

var mega = strings.Repeat("m", minPart)

// begin begins an upload in parts, and returns what names it in queries.
func (r *rig) begin() string {
	r.t.Helper()
	g := r.do("POST", mediaKey+"?uploads", "")
	if g.UploadId == "" {
		r.t.Fatalf("there is no upload: %s", g.text)
	}
	return "uploadId=" + g.UploadId
}

// put uploads a part, and returns it as a CompleteMultipartUpload has it.
func (r *rig) put(upload string, number int, content string) string {
	r.t.Helper()
	g := r.do("PUT", fmt.Sprintf("%s?partNumber=%d&%s", mediaKey, number, upload), content)
	r.wantCode(g, 200, "")
	return part1(number, g.header.Get("ETag"))
}

func part1(number int, etag string) string {
	return fmt.Sprintf("<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", number, strings.ReplaceAll(etag, `"`, "&quot;"))
}

func all(parts ...string) string {
	return "<CompleteMultipartUpload>" + strings.Join(parts, "") + "</CompleteMultipartUpload>"
}

func TestPartsBecomeAnObject(t *testing.T) {
	r := newRig(t)
	u := r.begin()
	last := r.put(u, 7, "the end") // in whatever order they arrive
	r.put(u, 2, "replaced")
	first, second := r.put(u, 1, mega), r.put(u, 2, mega+"x")
	r.wantUploaded(mediaKey, 0, false)
	g := r.do("POST", mediaKey+"?"+u, all(first, second, last))
	r.wantCode(g, 200, "")
	whole := mega + mega + "x" + "the end"
	r.wantUploaded(mediaKey, int64(len(whole)), true)
	if want := fmt.Sprint(crc64.Checksum([]byte(whole), polynomial)); g.header.Get("X-Cos-Hash-Crc64ecma") != want {
		t.Errorf("the CRC is %v, want %s", g.header, want)
	}
	if !strings.HasSuffix(g.ETag, `-3"`) || g.Location != "https://"+host+"/"+mediaKey || !strings.Contains(g.text, "&quot;") {
		t.Errorf("answer is %s", g.text)
	}
	r.wantCode(r.do("POST", mediaKey+"?"+u, all(first)), 404, "NoSuchUpload")
	if r.parts != 0 || len(r.parted) != 0 {
		t.Errorf("%d parts of %d uploads are left", r.parts, len(r.parted))
	}
}

func TestPartsMayComeAtOnce(t *testing.T) {
	const parts = 20
	r := newRig(t)
	u := r.begin()
	var sending sync.WaitGroup
	for n := range parts {
		q := r.sign(unsigned("PUT", fmt.Sprintf("%s?partNumber=%d&%s", mediaKey, n+1, u), "content"))
		sending.Go(func() { r.ServeHTTP(httptest.NewRecorder(), q) })
		sending.Go(func() { r.Uploaded(key.SecretID, mediaKey) })
	}
	sending.Wait()
	if g := r.do("GET", mediaKey+"?"+u, ""); len(g.Part) != parts || r.parts != parts {
		t.Errorf("there are %d parts, and %d are counted", len(g.Part), r.parts)
	}
}

func TestAnUploadIsNotCompletedWithOtherParts(t *testing.T) {
	r := newRig(t)
	u := r.begin()
	first, second, small := r.put(u, 1, mega), r.put(u, 2, mega), r.put(u, 3, "small")
	for name, test := range map[string]struct{ body, code string }{
		"none":                  {all(), "MalformedXML"},
		"no XML":                {"<", "MalformedXML"},
		"other XML":             {"<Other>" + first + "</Other>", "MalformedXML"},
		"too many":              {all(strings.Repeat(first, maxParts+1)), "MalformedXML"},
		"another order":         {all(second, first), "InvalidPartOrder"},
		"one twice":             {all(first, first), "InvalidPartOrder"},
		"one more":              {all(first, part1(4, "x")), "InvalidPart"},
		"one of zeros":          {all(first, part1(9, strings.Repeat("0", 32))), "InvalidPart"},
		"another ETag":          {all(first, part1(2, `"x"`)), "InvalidPart"},
		"a small one":           {all(first, small, r.put(u, 4, "end")), "EntityTooSmall"},
		"far too large":         {strings.Repeat(" ", maxComplete+1), "EntityTooLarge"},
		"a number that is none": {all(part1(0, "x")), "InvalidPart"},
	} {
		if g := r.do("POST", mediaKey+"?"+u, test.body); g.Code != test.code {
			t.Errorf("%s: answer is %s, want %s", name, g.text, test.code)
		}
		r.wantUploaded(mediaKey, 0, false)
	}
	r.wantCode(r.do("POST", mediaKey+"?"+u, all(first, second, small)), 200, "")
}

func TestAPartHasANumberAndAnUpload(t *testing.T) {
	r := newRig(t)
	u := r.begin()
	for _, number := range []string{"0", "-1", "10001", "x", "%2B1", "01", "99999999999999999999"} {
		r.wantCode(r.do("PUT", mediaKey+"?partNumber="+number+"&"+u, "x"), 400, "InvalidArgument")
	}
	r.wantCode(r.do("PUT", mediaKey+"?partNumber=1&uploadId=other", "x"), 404, "NoSuchUpload")
	r.wantCode(r.do("PUT", coverKey+"?partNumber=1&"+u, "x"), 404, "NoSuchUpload")
	part := unsigned("PUT", mediaKey+"?partNumber=1&"+u, "x")
	part.Header.Set("X-Cos-Copy-Source", "x")
	r.wantCode(r.ask(r.sign(part)), 501, "NotImplemented")
	r.put(u, 10_000, "x")
	if r.parts != 1 {
		t.Errorf("there are %d parts", r.parts)
	}
}

func TestPartsAreListed(t *testing.T) {
	r := newRig(t)
	u := r.begin()
	for n := range 1001 {
		r.put(u, n+1, "content"[:n%7])
	}
	g := r.do("GET", mediaKey+"?"+u, "")
	if len(g.Part) != 1000 || !g.IsTruncated || g.NextPartNumberMarker != 1000 || g.Part[8].Size != 1 || g.Part[8].PartNumber != 9 {
		t.Errorf("the answer has %d parts, %v, %d", len(g.Part), g.IsTruncated, g.NextPartNumberMarker)
	}
	g = r.do("GET", mediaKey+"?part-number-marker=1000&"+u, "")
	if len(g.Part) != 1 || g.IsTruncated || g.Part[0].PartNumber != 1001 || !strings.HasPrefix(g.Part[0].ETag, `"`) {
		t.Errorf("the next answer is %s", g.text)
	}
	if g = r.do("GET", mediaKey+"?max-parts=2&"+u, ""); len(g.Part) != 2 || !g.IsTruncated {
		t.Errorf("two parts are %s", g.text)
	}
	for _, wrong := range []string{"max-parts=0", "max-parts=x", "part-number-marker=-1"} {
		r.wantCode(r.do("GET", mediaKey+"?"+wrong+"&"+u, ""), 400, "InvalidArgument")
	}
	r.wantCode(r.do("GET", mediaKey+"?uploadId=other", ""), 404, "NoSuchUpload")
}

func TestUploadsAreListedUntilTheyAreAborted(t *testing.T) {
	r := newRig(t)
	other := key
	other.SecretID = "AKIDother"
	r.Grant(other)
	r.key = other
	r.begin() // is another's
	r.key = key
	first, second := r.begin(), r.begin()
	r.put(second, 1, "x")
	g := r.do("GET", "?uploads&prefix="+mediaKey, "")
	if len(g.Upload) != 2 || g.Upload[0].Key != mediaKey || "uploadId="+g.Upload[0].UploadId != first || g.IsTruncated {
		t.Errorf("uploads are %s", g.text)
	}
	if g := r.do("GET", "?uploads&prefix="+coverKey, ""); len(g.Upload) != 0 {
		t.Errorf("of the cover they are %s", g.text)
	}
	if g := r.do("DELETE", mediaKey+"?"+second, ""); g.status != 204 {
		t.Errorf("aborting is answered %s", g.text)
	}
	r.wantCode(r.do("DELETE", mediaKey+"?"+second, ""), 404, "NoSuchUpload")
	if g := r.do("GET", "?uploads", ""); len(g.Upload) != 1 || r.parts != 0 {
		t.Errorf("then they are %s, with %d parts", g.text, r.parts)
	}
}

func TestAnUploadIsOfOneGrant(t *testing.T) {
	r := newRig(t)
	u := r.begin()
	part := r.put(u, 1, "part")
	r.key.SecretID = "AKIDother" // of the same objects
	r.Grant(r.key)
	r.wantCode(r.do("DELETE", mediaKey+"?"+u, ""), 404, "NoSuchUpload")
	r.wantCode(r.do("PUT", mediaKey+"?partNumber=1&"+u, "x"), 404, "NoSuchUpload")
	r.wantCode(r.do("POST", mediaKey+"?"+u, all(part)), 404, "NoSuchUpload")
	r.key = key
	r.wantCode(r.do("POST", mediaKey+"?"+u, all(part)), 200, "")
}

func TestAResetMakesRoomForParts(t *testing.T) {
	r := newRig(t)
	r.most.parts = 1
	r.put(r.begin(), 1, "x")
	r.Reset()
	r.Grant(key)
	u := r.begin()
	r.put(u, 1, "x")
	r.wantCode(r.do("GET", mediaKey+"?"+u, ""), 200, "")
}

func TestTheOldestUploadsAreForgotten(t *testing.T) {
	r := newRig(t)
	r.most.parted, r.most.parts = 2, 3
	first, second := r.begin(), r.begin()
	third := r.begin()
	r.wantCode(r.do("GET", mediaKey+"?"+first, ""), 404, "NoSuchUpload")
	r.put(second, 1, "x")
	for n := range 3 {
		r.put(third, n+1, "x")
	}
	r.wantCode(r.do("GET", mediaKey+"?"+second, ""), 404, "NoSuchUpload")
	if r.put(third, 3, "again"); r.parts != 3 {
		t.Errorf("there are %d parts", r.parts)
	}
}

func TestSumsOfPartsCombine(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		text := make([]byte, random.IntN(5000))
		for i := range text {
			text[i] = byte(random.Uint32())
		}
		cut := random.IntN(len(text) + 1)
		first, second := crc64.Checksum(text[:cut], polynomial), crc64.Checksum(text[cut:], polynomial)
		if got, want := combine(first, second, int64(len(text)-cut)), crc64.Checksum(text, polynomial); got != want {
			t.Fatalf("of %d and %d bytes it is %x, want %x", cut, len(text)-cut, got, want)
		}
	}
}

// The storage, and with it the emulator, stands still while they are put together.
func BenchmarkTenThousandPartsBecomeAnObject(b *testing.B) {
	p, chosen := &parted{parts: map[int]part{}}, []chosenPart(nil)
	for n := range maxParts {
		c := content{size: minPart + int64(n), crc: uint64(n)}
		p.parts[n+1] = part{content: c}
		chosen = append(chosen, chosenPart{n + 1, c.etag()})
	}
	for b.Loop() {
		if _, err := p.join(chosen, epoch); err != nil {
			b.Fatal(err)
		}
	}
}
