package sink

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"unicode"

	"github.com/vodworker/vodworker/events"
)

// A cloudEvent holds the attributes of CloudEvents 1.0 that an event has. Time is none of them. VOD gives events no time,
// and that of an attempt would make two events of one.
type cloudEvent struct {
	SpecVersion     string `json:"specversion"`
	ID              string `json:"id"`
	Source          string `json:"source"`
	Type            string `json:"type"`
	Subject         string `json:"subject,omitempty"`
	DataContentType string `json:"datacontenttype"`
	PartitionKey    string `json:"partitionkey,omitempty"`
	Traceparent     string `json:"traceparent,omitempty"`
}

const cloudEventType = "com.tencentcloud.vod"

// newCloudEvent returns the attributes of e, handed over as m.
func newCloudEvent(e events.Event, m Message) cloudEvent {
	c := cloudEvent{
		SpecVersion:     "1.0",
		ID:              m.ID,
		Source:          "//vod.tencentcloudapi.com/subapps/" + strconv.FormatUint(e.SubAppID, 10),
		Type:            cloudEventType,
		Subject:         attribute(e.FileID()),
		DataContentType: "application/json",
		PartitionKey:    attribute(e.FileID()),
		Traceparent:     m.Traceparent,
	}
	if e.Type != "" {
		c.Type += "." + attribute(string(e.Type))
	}
	if c.Subject == "" {
		c.Subject = attribute(e.TaskID())
	}
	return c
}

// attribute replaces what no attribute may hold.
func attribute(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Noncharacter_Code_Point, r) {
			return unicode.ReplacementChar
		}
		return r // of a byte that is no UTF-8 the replacement already
	}, s)
}

// structured returns the event as one JSON object. Its data is put in by hand: encoding/json would take white space out.
func (c cloudEvent) structured(data []byte) ([]byte, error) {
	attributes, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	open := bytes.TrimSuffix(attributes, []byte("}"))
	if json.Valid(data) {
		return fmt.Appendf(nil, `%s,"data":%s}`, open, data), nil
	}
	encoded, err := json.Marshal(data)
	return fmt.Appendf(nil, `%s,"data_base64":%s}`, open, encoded), err
}

// attributes returns those that the event has, by their names, but for datacontenttype: in binary mode every binding has a
// place of its own for that.
func (c cloudEvent) attributes() map[string]string {
	all := map[string]string{
		"specversion": c.SpecVersion, "id": c.ID, "source": c.Source,
		"type": c.Type, "subject": c.Subject, "partitionkey": c.PartitionKey, "traceparent": c.Traceparent,
	}
	maps.DeleteFunc(all, func(_, value string) bool { return value == "" })
	return all
}
