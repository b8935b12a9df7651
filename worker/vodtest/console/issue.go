package console

import (
	"context"
	"errors"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

type issueParams struct {
	TTL string `json:"Ttl"`
}

// issued is a temporary key.
type issued struct {
	SecretID  string `json:"SecretId"`
	SecretKey string
	Token     string
	Ends      time.Time
}

var errTTL = errors.New("the Ttl must be how long the key is good for, such as 1h, and more than 0")

func (c control) issue(p issueParams) (any, error) {
	ttl, err := time.ParseDuration(p.TTL)
	if err != nil || ttl <= 0 {
		return nil, errTTL
	}
	return issued(c.e.Issue(ttl)), nil
}

// Issue does what [vodtest.Emulator.Issue] does: it makes a temporary key, which is good for so long. A ttl that is not more
// than 0 is refused: the emulator makes no permanent keys for others.
func (c *Client) Issue(ctx context.Context, ttl time.Duration) (vodtest.Key, error) {
	var key issued
	if err := c.post(ctx, "issue", issueParams{ttl.String()}, &key); err != nil {
		return vodtest.Key{}, err
	}
	return vodtest.Key(key), nil
}
