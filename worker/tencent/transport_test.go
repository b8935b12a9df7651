package tencent

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

func TestTheLeaseBeginsWithTheRequestAndAtMostASecondBeforeTheHeaders(t *testing.T) {
	sent := time.Now()
	tests := map[time.Duration]time.Duration{ // headers after sent: begin after sent
		0:                      0,
		400 * time.Millisecond: 0,
		time.Second:            0,
		5 * time.Second:        4 * time.Second,
	}
	for headers, want := range tests {
		call := pullCall{sent: sent, headers: sent.Add(headers)}
		if got := call.leased().Sub(sent); got != want {
			t.Errorf("headers after %v: the lease begins after %v, want %v", headers, got, want)
		}
	}
}

func FuzzTake(f *testing.F) {
	f.Add([]byte(`{"Response":{"EventSet":[{"EventHandle":"1","EventType":"X"}],"RequestId":"r"}}`))
	f.Add([]byte(` { "Response" : { "EventSet" : [ null , {} ] } } `))
	f.Add([]byte(`{"Response":{"Error":{"Code":"ResourceNotFound"},"EventSet":[{}]}}`))
	f.Add([]byte(`{"Response":{"EventSet":null}}`))
	f.Add([]byte(`{"Response":[{"EventSet":[{}]}]}`))
	f.Add([]byte(`{"Response":{"EventSet":[{"a":"\u005d`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var call pullCall
		rest := call.take(body)
		if !call.read && (!bytes.Equal(rest, body) || len(call.events) > 0) {
			t.Errorf("%q is no answer, but was changed to %q", body, rest)
		}
		if call.read && !json.Valid(body) {
			t.Errorf("%q is not JSON, but was taken for an answer", body)
		}
		for _, e := range call.events {
			if !json.Valid(e.Raw) || !bytes.Contains(body, e.Raw) {
				t.Errorf("event %q of %q", e.Raw, body)
			}
		}
	})
}
