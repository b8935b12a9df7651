package vodtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
)

const handleKey = "EventHandle"

var errNotObject = errors.New("vodtest: the content of an event must be one JSON object")

// withoutHandle checks that content is a JSON object and returns a copy of it without its EventHandle. Nothing is
// decoded and written again, so the rest stays byte for byte: numbers of any size, order, white space, oddities.
func withoutHandle(content []byte) ([]byte, error) {
	content = bytes.Trim(content, " \t\r\n") // JSON's white space; bytes.TrimSpace takes off more
	if !json.Valid(content) || content[0] != '{' {
		return nil, errNotObject
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	if _, err := decoder.Token(); err != nil { // the opening brace
		return nil, err
	}
	kept := []byte{'{'}
	end := decoder.InputOffset() // of the member before
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		member := content[end:decoder.InputOffset()] // from the comma in front of it
		isFirst := end == 1
		end = decoder.InputOffset()
		if key == handleKey {
			continue
		}
		if len(kept) == 1 && !isFirst {
			_, member, _ = bytes.Cut(member, []byte{','})
		}
		kept = append(kept, member...)
	}
	return append(kept, content[end:]...), nil
}

// joinEvents returns the JSON array of these events, each with its handle as the first member.
func joinEvents(batch []delivery) []byte {
	size := 2
	for _, d := range batch {
		size += len(d.content) + len(d.handle) + len(`{"EventHandle":"",},`)
	}
	set := append(make([]byte, 0, size), '[')
	for i, d := range batch {
		if i > 0 {
			set = append(set, ',')
		}
		set = append(set, `{"`+handleKey+`":`...)
		set = strconv.AppendQuote(set, d.handle) // letters and digits only, so this is JSON
		members := d.content[1:]
		if bytes.TrimLeft(members, " \t\r\n")[0] != '}' {
			set = append(set, ',')
		}
		set = append(set, members...)
	}
	return append(set, ']')
}
