package vodtest

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxAnswer is how much of an answer to a callback is read, though it means nothing: a receiver that has written all of
// it is not cut off.
const maxAnswer = 64 << 10

var errCallbackTimeout = errors.New("no answer in time")

// body returns what is posted: the event, signed if there is a key.
func (p Push) body(c callback, now time.Time) []byte {
	content, key := c.content, c.settings.signKey
	if p.OldFormat {
		content = oldFormat(content)
	}
	if key == "" {
		return content
	}
	expires := strconv.FormatInt(now.Add(p.Validity).Unix(), 10)
	sum := md5.Sum([]byte(key + expires))
	signName, timeName, t := "Sign", "T", expires
	if p.LowerCase {
		signName, timeName = "sign", "t"
	}
	if p.QuoteT {
		t = strconv.Quote(expires)
	}
	members := content[:len(content)-1] // up to the closing brace
	separator := ","
	if len(bytes.TrimSpace(members)) == 1 {
		separator = ""
	}
	return fmt.Appendf(bytes.Clone(members), `%s%q:%q,%q:%s}`, separator, signName, hex.EncodeToString(sum[:]), timeName, t)
}

// post makes one try. Any answer is a success.
func (p Push) post(ctx context.Context, address string, body []byte) (status int, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.Timeout, errCallbackTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, errors.New("the NotificationUrl cannot be called") // it was checked, and the error would show it
	}
	r.Header.Set("Content-Type", p.ContentType)
	response, err := p.Transport.RoundTrip(r) // follows no redirect: that is an answer too
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer)
	return response.StatusCode, nil
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return errors.Is(err, errCallbackTimeout) || ok && timeout.Timeout()
}

// withoutSecrets returns scheme, host and path of a URL.
func withoutSecrets(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
