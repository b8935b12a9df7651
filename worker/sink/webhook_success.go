package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/worker/internal/say"
)

// An answer is what the receiver has said, with its body as far as that is read.
type answer struct {
	*http.Response
	body []byte
	err  error // that cut the body off
}

func read(resp *http.Response) answer {
	a := answer{Response: resp}
	if resp.StatusCode != http.StatusSwitchingProtocols { // what follows that is no body, and has no end
		a.body, a.err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	}
	return a
}

func (a answer) isLong() bool { return len(a.body) > maxAnswer }

func (a answer) isCompressed() bool {
	coding := a.Header.Get("Content-Encoding")
	return coding != "" && !strings.EqualFold(coding, "identity")
}

// json returns the body if it is JSON that can be looked at: all of it, not compressed.
func (a answer) json() (object []byte, is bool) {
	object = bytes.TrimPrefix(a.body, []byte("\ufeff"))
	return object, a.err == nil && !a.isLong() && !a.isCompressed() && gjson.ValidBytes(object)
}

// accept looks at the body of a 2xx answer. Whose fault it is that it is no success, nobody knows.
func (w *Webhook) accept(ctx context.Context, a answer, with *keys) error {
	if w.opts.Success == nil {
		w.suspect(a, with)
		return nil
	}
	missed := w.missed(a)
	if missed == "" {
		return nil
	}
	text := fmt.Sprintf("post to %s: answered %d %s, but %s", w.name, a.StatusCode, http.StatusText(a.StatusCode), missed)
	if ctx.Err() != nil && a.err != nil {
		return fmt.Errorf("%s: %w", text, say.Ended(ctx))
	}
	if snippet := with.public(string(a.body)); snippet != "" && !a.isCompressed() {
		text += ": " + snippet
	}
	return afterPause(a, errors.New(text))
}

// missed says what a body lacks to be success; "" if nothing.
func (w *Webhook) missed(a answer) string {
	success, path := w.opts.Success, say.OneLine(w.opts.Success.JSON, maxPath)
	object, isJSON := a.json()
	wantsNone := success.Exists != nil && !*success.Exists
	switch {
	case a.isLong():
		return "success looks at no body of more than 64 KiB"
	case a.err != nil:
		return "its body was cut off"
	case a.isCompressed():
		return "its body is compressed, and success reads none that is"
	case len(object) == 0:
		return "it has no body, and success needs JSON"
	case !isJSON && !utf8.Valid(object):
		return "its body is not in UTF-8, and success needs JSON that is; answer in UTF-8"
	case !isJSON:
		return "its body is no JSON, and success needs that"
	case wantsNone && !gjson.ParseBytes(object).IsObject():
		return "its body is no JSON object, which could lack " + path
	case !success.Found(object) && !wantsNone:
		return "its body has no " + path + ", which success looks at"
	case !success.Holds(object):
		return "success does not take its " + path
	}
	return ""
}

const maxPath = 100 // bytes of a path that an error shows

// suspect warns once of an answer that looks like a refusal.
func (w *Webhook) suspect(a answer, with *keys) {
	object, is := a.json()
	if !is || w.suspected.Load() {
		return
	}
	advice := refusal(object)
	if advice == "" || w.suspected.Swap(true) {
		return
	}
	w.opts.Log.Warn().Int("status", a.StatusCode).Str("answer", with.public(string(a.body))).
		Msgf("an answer that counts as success looks like a refusal: if it is one, write success: {%s} under webhook, with the values that mean success", advice)
}

// refusal returns the condition by which an object may be no success, as it is written under success: a code other than 0 and
// 2xx, or a success that is false, in a text too. It is "" if the object does not look so, or has a success that is true: what
// its code means nobody knows then.
func refusal(object []byte) (condition string) {
	found := ""
	fine := false
	gjson.ParseBytes(object).ForEach(func(key, value gjson.Result) bool {
		switch strings.ReplaceAll(strings.ToLower(key.Str), "_", "") {
		case "success", "ok":
			fine = fine || strings.EqualFold(value.String(), "true")
			if strings.EqualFold(value.String(), "false") {
				found = "json: " + key.Str + ", in: [true]"
			}
		case "code", "errcode", "errorcode", "errno", "ret", "retcode", "status", "statuscode":
			if isCodeOfFailure(value) && found == "" {
				found = "json: " + key.Str + ", in: [0, 200]"
			}
		}
		return true
	})
	if fine {
		return ""
	}
	return found
}

func isCodeOfFailure(value gjson.Result) bool {
	code := value.Num
	switch value.Type {
	case gjson.String:
		n, err := strconv.Atoi(value.Str)
		if err != nil {
			return false
		}
		code = float64(n)
	case gjson.Number:
	default:
		return false
	}
	return code != 0 && (code < 200 || code > 299)
}
