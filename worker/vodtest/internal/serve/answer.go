package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// An Answer is what is sent for a request.
type Answer struct {
	Status      int
	ContentType string
	Body        []byte
}

// Answers that no client of the API can read.
var (
	BadGateway = Answer{http.StatusBadGateway, "text/html", []byte("<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n" +
		"<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr>\r\n</body>\r\n</html>\r\n")}
	Odd = Answer{http.StatusOK, "application/json", []byte("{}")}
)

// Response is the answer of the API with these members, which may be none.
func Response(requestID string, members []byte) Answer {
	body := []byte(`{"Response":{`)
	body = append(body, members...)
	if len(members) > 0 {
		body = append(body, ',')
	}
	return Answer{http.StatusOK, "application/json", fmt.Appendf(body, `"RequestId":%q}}`, requestID)}
}

// Refusal is the answer of the API with an error.
func Refusal(requestID, code, message string) Answer {
	return Response(requestID, fmt.Appendf(nil, `"Error":{"Code":%s,"Message":%s}`, Quote(code), Quote(message)))
}

// Write sends the answer. It is out when Write returns.
func (a Answer) Write(w http.ResponseWriter) { a.write(w, len(a.Body)) }

// Cut sends half of the answer and breaks the connection.
func (a Answer) Cut(w http.ResponseWriter) {
	a.write(w, len(a.Body)/2)
	Break()
}

// Break breaks the connection: it panics with [http.ErrAbortHandler].
func Break() { panic(http.ErrAbortHandler) }

func (a Answer) write(w http.ResponseWriter, sent int) {
	w.Header().Set("Content-Type", a.ContentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body[:sent])             // there is nobody to tell if the client has left
	_ = http.NewResponseController(w).Flush() // nor can every writer flush
}

// Quote returns a text as a JSON string.
func Quote(text string) json.RawMessage {
	quoted, _ := json.Marshal(text) // a string always marshals
	return quoted
}
