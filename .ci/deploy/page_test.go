package deploy

import (
	"path/filepath"
	"regexp"
	"testing"
)

var ymls = regexp.MustCompile("(?s)```yml\n(.*?)```")

// ymlOf returns what a page of the manual shows.
func ymlOf(t *testing.T, page string) (found []string) {
	t.Helper()
	for _, block := range ymls.FindAllStringSubmatch(read(t, filepath.Join(deployed, page)), -1) {
		found = append(found, block[1])
	}
	return found
}

// What the manual says to write for values is taken by the chart.
func TestTheValuesOfThePageAreTaken(t *testing.T) {
	found := ymlOf(t, "README.md")
	for _, block := range found {
		file := filepath.Join(t.TempDir(), "values.yaml")
		write(t, file, block, 0o600)
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
