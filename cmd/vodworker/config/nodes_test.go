package config

import (
	"fmt"
	"strings"
	"testing"
)

// Few lines can merge billions of keys, or lead back to themselves on ever more ways. Neither takes time.
func TestAliasesThatMultiplyAreRefused(t *testing.T) {
	several := func(name string) string { return strings.TrimSuffix(strings.Repeat("*"+name+", ", 8), ", ") }
	bomb := "x-0: &a0 {rate: 5}\n"
	for i := range 20 {
		bomb += fmt.Sprintf("x-%d: &a%d {<<: [%s]}\n", i+1, i+1, several(fmt.Sprint("a", i)))
	}
	for text, want := range map[string]string{
		bomb + "vod: *a20":                     "<< merges thousands of keys in this file; write out what is meant",
		"vod: &v {<<: [" + several("v") + "]}": "c.yaml:1:15: aliases lead in a circle here; write out what is meant",
	} {
		_, err := parse(t, text+printAll, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	var twice strings.Builder // each of these merges is a small one
	twice.WriteString("x-a: &a {timeout: 5s, retry: {tries: 1}}\nhandlers:\n")
	for i := range 1000 {
		fmt.Fprintf(&twice, "  - {<<: [*a, *a], name: h%d, stdout: {}}\n", i)
	}
	if _, err := parse(t, twice.String(), nil); err != nil {
		t.Errorf("a thousand handlers that share settings: %v", err)
	}
}
