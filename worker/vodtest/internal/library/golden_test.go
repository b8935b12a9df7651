package library

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

var update = flag.Bool("update", false, "write the files in testdata anew")

// isGolden compares a value with what a file has.
func isGolden(t *testing.T, name string, value any) {
	t.Helper()
	got, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))) {
		t.Errorf("it is\n%s\nwant what %s has; or is that to change? Then run the test with -update", got, file)
	}
}

func TestWhatIsKnownOfFiles(t *testing.T) {
	for file, golden := range map[string]string{"clip.mp4": "video.json", "clip.mp3": "audio.json", "clip.png": "image.json"} {
		t.Run(file, func(t *testing.T) {
			r := newRig(t)
			r.Library = New(7, r.rules)
			r.file = r.Upload(file, r.now)
			r.everything() // of which a sound and an image have less
			class := int64(3)
			ask(t, r, file, (*Library).ModifyMediaInfo, &api.ModifyMediaInfo{
				FileId: r.file, ClassId: &class, AddTags: []string{"sea"}, AddKeyFrameDescs: frames(5, 1),
			})
			isGolden(t, golden, r.info())
		})
	}
}

func TestWhatEncodingsMake(t *testing.T) {
	made := map[string]*api.MediaTranscodeItem{}
	for name, definition := range map[string]uint64{
		"mp4": 100010, "hls": 610, "flv": 10046, "audio": 1010, "packed anew": 875, "somebody's own": 1234567,
	} {
		in := &api.MediaProcessTaskInput{TranscodeTaskSet: []api.TranscodeTaskInput{{Definition: definition}}}
		made[name] = newRig(t).made(in)[0].TranscodeTask.Output
	}
	isGolden(t, "encodings.json", made)
}
