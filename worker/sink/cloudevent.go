package sink

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"github.com/vodworker/vodworker/events"
)

// A cloudEvent holds the attributes of CloudEvents 1.0 that an event has. Time is none of them: VOD gives events no time, and
// that of an attempt would make two of one.
type cloudEvent struct {
	SpecVersion     string `json:"specversion"`
	ID              string `json:"id"`
	Source          string `json:"source"`
	Type            string `json:"type"`
	Subject         string `json:"subject,omitempty"`
	DataContentType string `json:"datacontenttype"`
	PartitionKey    string `json:"partitionkey,omitempty"`
}

const cloudEventType = "com.tencentcloud.vod"

// newCloudEvent returns the attributes of e, posted under id.
func newCloudEvent(e events.Event, id string) cloudEvent {
	c := cloudEvent{
		SpecVersion:     "1.0",
		ID:              id,
		Source:          "//vod.tencentcloudapi.com/subapps/" + strconv.FormatUint(e.SubAppID, 10),
		Type:            cloudEventType,
		Subject:         attribute(e.FileID()),
		DataContentType: "application/json",
		PartitionKey:    attribute(e.FileID()),
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

// structured returns the event as one JSON object, with data in it byte for byte: encoding/json would take its white space
// out. What is no JSON is there in base64.
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

// setHeader puts the attributes in the headers of a request whose body is the data.
func (c cloudEvent) setHeader(header http.Header) {
	header.Set("Content-Type", c.DataContentType)
	for name, value := range map[string]string{
		"ce-specversion": c.SpecVersion, "ce-id": c.ID, "ce-source": c.Source,
		"ce-type": c.Type, "ce-subject": c.Subject, "ce-partitionkey": c.PartitionKey,
	} {
		if value != "" {
			header.Set(name, headerValue(value))
		}
	}
}

// headerValue percent-encodes what the HTTP binding wants encoded: all but printable ASCII, and space, " and % of that.
func headerValue(s string) string {
	var encoded strings.Builder
	for _, b := range []byte(s) {
		if b <= ' ' || b == '"' || b == '%' || b > '~' {
			fmt.Fprintf(&encoded, "%%%02X", b)
		} else {
			encoded.WriteByte(b)
		}
	}
	return encoded.String()
}
