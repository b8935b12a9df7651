package library

import (
	"errors"
	"time"
)

// readTime reads a time of a request.
func readTime(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, errors.New("it must be an ISO 8601 time with a zone, such as 2018-10-01T10:00:00Z")
	}
	return t.UTC(), nil
}

// A period is a time range. Either end may be open, that is zero.
type period struct {
	from  time.Time // is in it
	until time.Time // is not
}

// has is whether a time is in the period: as answers show it, which is without fractions of seconds.
func (p period) has(t time.Time) bool {
	if p == (period{}) {
		return true
	}
	t = t.Truncate(time.Second)
	return !t.Before(p.from) && (p.until.IsZero() || t.Before(p.until))
}

// after makes a time that is in it the begin of the period.
func (p *period) after(text string) (err error) {
	if text != "" {
		p.from, err = readTime(text)
	}
	return err
}

// before makes a time the end of the period, which is in it or not.
func (p *period) before(text string, inclusive bool) (err error) {
	if text == "" {
		return nil
	}
	p.until, err = readTime(text)
	if inclusive {
		p.until = p.until.Add(1)
	}
	return err
}

// format writes a time as the API does; a time that has not come is empty.
func format(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
