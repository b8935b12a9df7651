package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	vod "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vod/v20180717"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// consume is the plain loop: what a user would write with the SDK. An event that is not handled is not confirmed.
func consume(ctx context.Context, client *vod.Client, handle func(*vod.EventContent) error) {
	for ctx.Err() == nil {
		answer, err := client.PullEventsWithContext(ctx, vod.NewPullEventsRequest())
		if err != nil {
			if failure, is := errors.AsType[*sdkerrors.TencentCloudSDKError](err); !is || failure.Code != "ResourceNotFound" { // no event
				log.Print(err)
				time.Sleep(time.Second)
			}
			continue
		}
		confirm := vod.NewConfirmEventsRequest()
		for _, event := range answer.Response.EventSet {
			if err := handle(event); err != nil {
				log.Print(err)
				continue
			}
			confirm.EventHandles = append(confirm.EventHandles, event.EventHandle)
		}
		if _, err := client.ConfirmEvents(confirm); err != nil {
			log.Print(err)
		}
	}
}

// What a plain loop does with an event; nothing if all are empty.
type loopOptions struct {
	Endpoint string
	Loops    int // side by side

	Post    string   // to this URL
	Append  string   // to this file, which is on the disk then
	Command []string // with the event on its standard input
}

// runLoops runs plain loops until it is told to end.
func runLoops(o loopOptions) error {
	ctx, cancel := untilStopped()
	defer cancel()
	handle, err := o.handler()
	if err != nil {
		return err
	}
	client, err := sdkClient(o.Endpoint)
	if err != nil {
		return err
	}
	var loops sync.WaitGroup
	for range o.Loops {
		loops.Go(func() { consume(ctx, client, handle) })
	}
	loops.Wait()
	return nil
}

func sdkClient(endpoint string) (*vod.Client, error) {
	p := profile.NewClientProfile()
	p.HttpProfile.Scheme, p.HttpProfile.Endpoint = "HTTP", strings.TrimPrefix(endpoint, "http://")
	return vod.NewClient(common.NewCredential(vodtest.DefaultSecretID, vodtest.DefaultSecretKey), "", p)
}

func (o loopOptions) handler() (func(*vod.EventContent) error, error) {
	switch {
	case o.Post != "":
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConnsPerHost = o.Loops // for none to be opened again and again
		return posting(&http.Client{Transport: transport}, o.Post), nil
	case o.Append != "":
		file, err := os.OpenFile(o.Append, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		return appending(file), err
	case len(o.Command) > 0:
		return running(o.Command), nil
	}
	return func(*vod.EventContent) error { return nil }, nil
}

func posting(client *http.Client, url string) func(*vod.EventContent) error {
	return func(event *vod.EventContent) error {
		body, err := json.Marshal(event)
		if err != nil {
			return err
		}
		answer, err := client.Post(url, "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		defer func() { _ = answer.Body.Close() }()
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			return err
		}
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("the receiver answers %s", answer.Status)
		}
		return nil
	}
}

func appending(file *os.File) func(*vod.EventContent) error {
	return func(event *vod.EventContent) error {
		line, err := json.Marshal(event)
		if err != nil {
			return err
		}
		if _, err := file.Write(append(line, '\n')); err != nil {
			return err
		}
		return file.Sync()
	}
}

func running(command []string) func(*vod.EventContent) error {
	return func(event *vod.EventContent) error {
		text, err := json.Marshal(event)
		if err != nil {
			return err
		}
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Stdin = bytes.NewReader(text)
		return cmd.Run()
	}
}
