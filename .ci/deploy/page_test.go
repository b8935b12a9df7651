package deploy

import (
	"path/filepath"
	"regexp"
	"testing"
)

var values = regexp.MustCompile("(?s)```yml\n(.*?)```")

// What the manual says to write for values is taken by the chart.
func TestTheValuesOfThePageAreTaken(t *testing.T) {
	found := values.FindAllStringSubmatch(read(t, deployed+"/README.md"), -1)
	for _, block := range found {
		file := filepath.Join(t.TempDir(), "values.yaml")
		write(t, file, block[1], 0o600)
		text, err := template(chart, "-f", file)
		if err != nil {
			t.Fatal(err)
		}
		for kind, pod := range decode(t, text).pods() {
			wantEqual(t, kind+": secrets", len(pod.Spec.Volumes), 3)
		}
	}
	wantEqual(t, "blocks", len(found), 1)
}
