package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// One variable can hold a list of ids or of event types, wherever an entry may stand.
func TestAListMayStandInOneVariable(t *testing.T) {
	for value, want := range map[string][]uint64{
		"1500000001":              {1500000001},
		"1500000001,1500000002":   {1500000001, 1500000002},
		"1500000001, 1500000002,": {1500000001, 1500000002},
		"1500000001,,1500000002":  {1500000001, 1500000002},
		"1500000001 1500000002":   {1500000001, 1500000002},
	} {
		for text, want := range map[string][]uint64{
			`"${IDS}"`: want, `["${IDS}"]`: want, `["${IDS}", 7]`: append(want[:len(want):len(want)], 7),
			`["${IDS:-9}"]`: want, `"1500000000,${IDS}"`: append([]uint64{1500000000}, want...),
		} {
			config, err := parse(t, "vod: {sub_app_ids: "+text+"}"+printAll, map[string]string{"IDS": value})
			if err != nil {
				t.Fatalf("%s of %q: %v", text, value, err)
			}
			if !slices.Equal(config.VOD.SubAppIDs, want) {
				t.Errorf("%s of %q is %v, want %v", text, value, config.VOD.SubAppIDs, want)
			}
		}
	}
	config, err := parse(t, `handlers: [{name: a, events: "${TYPES}", sub_app_ids: "${IDS:-}", stdout: {}}]`,
		map[string]string{"TYPES": "NewFileUpload,*Complete"})
	if err != nil {
		t.Fatal(err)
	}
	of := config.Handlers[0]
	wantEqual(t, "events, and applications of a variable that may be empty", fmt.Sprint(of.Events, of.SubAppIDs), "[NewFileUpload *Complete] []")
}

// What may have commas of its own is one entry: a sign key, an argument, a path.
func TestAVariableWithACommaIsOneEntryOfOtherLists(t *testing.T) {
	config, err := parse(t, `handlers: [{name: a, exec: {command: [cat, "${V}"]}}]`, map[string]string{"V": "a,b c"})
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "command", fmt.Sprintf("%q", config.Handlers[0].Exec.Command), `["cat" "a,b c"]`)
}

// The parser takes the colon of one within { } for that of a key.
func TestAnAddressNeedsNoQuotes(t *testing.T) {
	for written, want := range map[string]string{
		"kafka: {brokers: [k1.example.com:9092, k2:9093], topic: t}":               "k1.example.com:9092 k2:9093",
		"kafka: {brokers: k1:9092, topic: t}":                                      "k1:9092",
		"nats: {servers: [nats://n1:4222, nats://n2:4222], stream: s, subject: t}": "nats://n1:4222 nats://n2:4222",
		"webhook: {url: http://127.0.0.1:80/vod?a=b:1}":                            "http://127.0.0.1:80/vod?a=b:1",
		"redis: {stream: s, url: redis://localhost:6379/1}":                        "redis://localhost:6379/1",
	} {
		config, err := parse(t, "handlers: [{name: a, "+written+"}]", nil)
		if err != nil {
			t.Errorf("%s: %v", written, err)
			continue
		}
		var got []string
		for key, text := range config.texts() {
			if isAddress(key) && text != "" {
				got = append(got, text)
			}
		}
		wantEqual(t, written, strings.Join(got, " "), want)
	}
}
