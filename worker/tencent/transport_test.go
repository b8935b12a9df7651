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
		x := exchange{sent: sent, headers: sent.Add(headers)}
		if got := x.leased().Sub(sent); got != want {
			t.Errorf("headers after %v: the lease begins after %v, want %v", headers, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"Response":{"EventSet":[{"EventHandle":"1","EventType":"X"}],"RequestId":"r"}}`))
	f.Add([]byte(` { "Response" : { "EventSet" : [ null , {} ] , "RequestId" : "r" } } `))
	f.Add([]byte(`{"Response":{"Error":{"Code":"ResourceNotFound"},"EventSet":[{}]}}`))
	f.Add([]byte(`{"Response":{"EventSet":null,"RequestId":"\u005d"}}`))
	f.Add([]byte(`{"Response":[{"EventSet":[{}]}]}`))
	f.Add([]byte(`{"Response":{"EventSet":[{"a":"\u005d`))
	f.Add([]byte(`{"code":4000,"codeDesc":"InvalidParameter","message":"no"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		x := exchange{action: actionPull}
		if err := x.read(body); err != nil {
			if len(x.events) > 0 {
				t.Errorf("%q: events %v, though %v", body, x.events, err)
			}
			return
		}
		if !json.Valid(body) || !json.Valid(x.response) || x.requestID == "" {
			t.Errorf("%q was taken for an answer", body)
		}
		for _, e := range x.events {
			if !json.Valid(e.Raw) || !bytes.Contains(body, e.Raw) {
				t.Errorf("event %q of %q", e.Raw, body)
			}
		}
	})
}
