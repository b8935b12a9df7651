package storage

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"strconv"
)

// A refusal is an error of the storage. No message has anything of the request in it: a key may stand in the wrong place.
type refusal struct {
	status        int
	code, message string
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

var (
	unknownKey = &refusal{403, "InvalidAccessKeyId",
		"there is no such SecretId here; use that of the TempCertificate which ApplyUpload has returned"}
	denied = &refusal{403, "AccessDenied",
		"this key is good for the StorageBucket, MediaStoragePath and CoverStoragePath of one ApplyUpload, and nothing else"}
	noSuchUpload = &refusal{404, "NoSuchUpload", "there is no such upload: it is complete, was aborted, or is forgotten"}
	noSuchKey    = &refusal{404, "NoSuchKey", "this object was not uploaded"}
	malformed    = &refusal{400, "MalformedXML", "the body must be a CompleteMultipartUpload, with PartNumber and ETag in each Part"}
)

// invalid refuses a parameter.
func invalid(message string) error { return &refusal{400, "InvalidArgument", message} }

// An answer is what is sent for a request that is not refused. What is zero is left out.
type answer struct {
	status int // 0: 200
	object     // its headers
	isHead bool
	body   any // to be written as XML
}

func (a *answer) write(w http.ResponseWriter) {
	h := w.Header()
	if a.etag != "" {
		h.Set("ETag", a.etag)
		h.Set("X-Cos-Hash-Crc64ecma", strconv.FormatUint(a.crc, 10))
	}
	if a.isHead {
		h.Set("Content-Length", strconv.FormatInt(a.size, 10))
		h.Set("Last-Modified", a.modified.UTC().Format(http.TimeFormat))
	}
	status := a.status
	if status == 0 {
		status = http.StatusOK
	}
	if a.body == nil {
		w.WriteHeader(status)
		return
	}
	writeXML(w, status, a.body)
}

func (r *refusal) write(w http.ResponseWriter, requestID string) {
	writeXML(w, r.status, struct {
		XMLName                  xml.Name `xml:"Error"`
		Code, Message, RequestId string
	}{Code: r.code, Message: r.message, RequestId: requestID})
}

// writeXML writes quotes as the storage does: not all clients can read the numbers of characters.
func writeXML(w http.ResponseWriter, status int, body any) {
	text, err := xml.Marshal(body)
	if err != nil {
		panic("storage: " + err.Error()) // all bodies are ours
	}
	text = append([]byte(xml.Header), bytes.ReplaceAll(text, []byte("&#34;"), []byte("&quot;"))...)
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text) // there is nobody to tell if the client has left
}
