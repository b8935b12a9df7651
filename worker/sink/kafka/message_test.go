package kafka_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cloudevents/sdk-go/v2/binding/spec"
	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/kafka"
)

func TestAllEventsOfAFileAreInOnePartition(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil)
	s := c.open(nil)
	for i := range 40 {
		if err := s.Handle(t.Context(), upload(i%8, i)); err != nil {
			t.Fatal(err)
		}
	}
	of, seen := map[string]int32{}, map[int32]bool{}
	for _, r := range c.read() {
		key := string(r.Key)
		if p, known := of[key]; known && p != r.Partition || key != header(r, "vod-file-id") {
			t.Errorf("file %s with key %s is in partitions %d and %d", header(r, "vod-file-id"), key, p, r.Partition)
		}
		of[key], seen[r.Partition] = r.Partition, true
	}
	if len(seen) < 2 {
		t.Error("all files are in one partition, so this test shows nothing")
	}
}

func TestAnEventWithoutAFileHasNoKey(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil)
	if err := c.open(nil).Handle(t.Context(), events.Split([]byte(`[{"EventType":"X"}]`))[0]); err != nil {
		t.Fatal(err)
	}
	if r := c.read()[0]; r.Key != nil {
		t.Errorf("key %q", r.Key)
	}
}

func TestConsumersReadCloudEventsByTheBindingOfKafka(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil)
	e := upload(7, 10)
	e.SubAppID = 1500000001
	for _, format := range []sink.Format{sink.FormatCloudEvents, sink.FormatCloudEventsBinary, sink.FormatCallback} {
		if err := c.open(func(o *kafka.Options) { o.Format = format }).Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	kinds := map[string]int{}
	for _, r := range c.read() {
		var got cloudevents.Event
		switch {
		case strings.HasPrefix(header(r, "content-type"), "application/cloudevents+json"):
			kinds["structured"]++
			if err := json.Unmarshal(r.Value, &got); err != nil {
				t.Fatal(err)
			}
		case header(r, "ce_specversion") != "":
			kinds["binary"]++
			got = binary(t, spec.WithPrefix("ce_"), func(name string) string { return header(r, name) })
			if err := got.SetData(header(r, "content-type"), json.RawMessage(r.Value)); err != nil {
				t.Fatal(err)
			}
		default:
			kinds["callback"]++
			if string(r.Value) != string(e.Body()) || header(r, "content-type") != "application/json" {
				t.Errorf("%s: %s", header(r, "content-type"), r.Value)
			}
			continue
		}
		if err := got.Validate(); err != nil {
			t.Error(err)
		}
		if got.ID() != e.ID() || got.Subject() != "7" || got.Type() != "com.tencentcloud.vod.NewFileUpload" || string(got.Data()) != string(e.Body()) ||
			got.Source() != "//vod.tencentcloudapi.com/subapps/1500000001" || got.DataContentType() != "application/json" {
			t.Errorf("%s", got)
		}
		if header(r, "vod-event-id") != e.ID() || header(r, "vod-event-type") != "NewFileUpload" || header(r, "vod-sub-app-id") != "1500000001" {
			t.Errorf("%v", r.Headers)
		}
	}
	if len(kinds) != 3 {
		t.Errorf("%v", kinds)
	}
}

// binary reads attributes as receivers of the SDK do.
func binary(t *testing.T, versions *spec.Versions, header func(string) string) (e cloudevents.Event) {
	t.Helper()
	version := versions.Version(header(versions.PrefixedSpecVersionName()))
	e = cloudevents.New(version.String())
	for _, a := range version.Attributes() {
		if value := header(a.PrefixedName()); value != "" {
			if err := a.Set(e.Context, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	return e
}

func TestFieldsOfTheEventMakeTheTopic(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil)
	for _, topic := range []string{"vod.NewFileUpload.0", "vod.other.0"} {
		if err := c.CreateTopic(topic, partitions, nil); err != nil {
			t.Fatal(err)
		}
	}
	s := c.open(func(o *kafka.Options) { o.Topic = "vod.{type}.{sub_app_id}" })
	for _, e := range []events.Event{upload(1, 10), events.Split([]byte(`[{"EventType":"BrandNew"}]`))[0]} {
		if err := s.Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	for _, topic := range []string{"vod.NewFileUpload.0", "vod.other.0"} {
		if n := c.PartitionInfos(topic); n[0].HighWatermark+n[1].HighWatermark+n[2].HighWatermark != 1 {
			t.Errorf("%s has not one event", topic)
		}
	}
}

func TestANameThatNoTopicCanHaveIsTheEventsFault(t *testing.T) {
	t.Parallel()
	c := newCluster(t, nil)
	s := c.open(func(o *kafka.Options) { o.Topic, o.UnknownTypes = "{type}", sink.UnknownTypesAsIs })
	for _, name := range []string{"a.b", "上传", strings.Repeat("a", 250)} {
		if err := s.Handle(t.Context(), events.Split([]byte(`[{"EventType":"` + name + `"}]`))[0]); !worker.IsPermanent(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
