package library

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

func TestAProcedureIsRead(t *testing.T) {
	text := "Transcode:100010+AnimatedGraphics:20000+SnapshotByTimeOffset:10+SampleSnapshot:10+ImageSprites:10+CoverBySnapshot:10" +
		"+AdaptiveDynamicStreaming:10"
	p, err := ParseProcedure(strings.ReplaceAll(text, "+", " + "))
	if err != nil || written(p) != text {
		t.Fatalf("read %v, %v", p, err)
	}
	r := newRig(t)
	r.rules.Procedures = map[string]Procedure{"mine": p}
	answer, err := r.ProcessMediaByProcedure(&api.ProcessMediaByProcedure{FileId: r.file, ProcedureName: "mine"}, r.now)
	if err != nil {
		t.Fatal(err)
	}
	r.Start(r.Held(), r.now)
	r.pass(time.Minute)
	var types []string
	for _, result := range r.shown(answer.TaskId).MediaProcessResultSet {
		if s := stateOf(result); s.Status != "SUCCESS" {
			t.Errorf("%s is %+v", result.Type, s)
		}
		types = append(types, result.Type)
	}
	if want := strings.Split(kindNames(), ", "); !slices.Equal(types, want) {
		t.Errorf("results %q, want %q", types, want)
	}
}

// written is a procedure as it is read.
func written(p Procedure) string {
	parts := make([]string, len(p))
	for i, j := range p {
		parts[i] = fmt.Sprintf("%s:%d", j.kind(), j.template())
	}
	return strings.Join(parts, "+")
}

func TestAProcedureThatCannotBeSaysWhatThereIs(t *testing.T) {
	for text, says := range map[string]string{
		"":                     "TYPE:DEFINITION",
		"Transcode":            "TYPE:DEFINITION",
		"Transcode:10+":        "TYPE:DEFINITION",
		"*:10":                 "Transcode, AnimatedGraphics, SnapshotByTimeOffset",
		"ImageSprite:10":       `"ImageSprite"; there are`,
		"Transcode:0":          `"0" is no template`,
		"Transcode:-1":         `"-1" is no template`,
		"Transcode:2147483648": `"2147483648" is no template`,
		strings.Repeat("Transcode:10+", 100) + "Transcode:10": "more than 100",
	} {
		if _, err := ParseProcedure(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q is refused with %v, want … %s", text, err, says)
		}
	}
}

func TestThePresetProceduresAreThoseOfVOD(t *testing.T) {
	got := map[string]string{}
	for name, p := range Presets() {
		got[name] = written(p)
	}
	want := map[string]string{
		"LongVideoPreset":        "AdaptiveDynamicStreaming:10+ImageSprites:10+CoverBySnapshot:10",
		"SimpleAesEncryptPreset": "AdaptiveDynamicStreaming:12+ImageSprites:10+CoverBySnapshot:10",
	}
	if !maps.Equal(got, want) {
		t.Errorf("presets %v, want %v", got, want)
	}
}
