package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker/tencent"
)

func TestACallbackURLThatVODCanNotReachIsADanger(t *testing.T) {
	one := &openApplication{config: config.Default()}
	before := tencent.Settings{Mode: tencent.ModePush, NotificationURL: "https://example.com"}
	after := before
	after.NotificationURL = "http://u:hunter2@192.168.1.2/vod"
	found := fmt.Sprint(dangers(t.Context(), one, before, after))
	if !strings.Contains(found, "can't reach 192.168.1.2") || strings.Contains(found, "hunter2") {
		t.Error(found)
	}
	one.config.VOD.Endpoint = "http://127.0.0.1:9266" // an emulator can
	if found := dangers(t.Context(), one, before, after); len(found) > 0 {
		t.Error(found)
	}
}
