package config

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// UnmarshalText reads a Duration. Its errors say what to write.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return noDuration(string(text))
	}
	if *d = Duration(parsed); *d > mostDuration || *d < -mostDuration {
		return errTooLong
	}
	return nil
}

// ParseDuration reads a Duration as in a configuration. Its errors say what to write.
func ParseDuration(text string) (d Duration, err error) {
	err = d.UnmarshalText([]byte(text))
	return d, err
}

var errTooLong = errors.New("a year, 8784h, is the longest; write less")

func (d Duration) String() string { return brief(time.Duration(d)) }

// brief writes a duration as people do: 25s, 72h, 1m30s.
func brief(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

var (
	numberAlone = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)
	lastIsAlone = regexp.MustCompile(`[a-z][0-9]+$`)
	unitWord    = regexp.MustCompile(`[A-Za-z]+`)
	daysAndSo   = regexp.MustCompile(`^([0-9]+)(d|day|days|w|week|weeks)$`)
)

var unitWords = map[string]string{
	"sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
	"hr": "h", "hrs": "h", "hour": "h", "hours": "h", "msec": "ms", "msecs": "ms", "millis": "ms", "milliseconds": "ms",
}

// noDuration says why a text is no duration, and what was meant if that can be told.
func noDuration(text string) error {
	const examples = "such as 100ms, 5s or 1m30s"
	meant := func(format, text string) error {
		if _, err := time.ParseDuration(text); err != nil {
			return fmt.Errorf("it is no duration; write one %s", examples)
		}
		return fmt.Errorf(format, text)
	}
	plain := narrow(text)
	spaceless := strings.Join(strings.Fields(plain), "")
	lower := strings.ToLower(spaceless)
	words := unitWord.ReplaceAllStringFunc(lower, func(word string) string {
		if unit, is := unitWords[word]; is {
			return unit
		}
		return word
	})
	days := daysAndSo.FindStringSubmatch(lower)
	switch {
	case text == "":
		return fmt.Errorf("it is empty; write a duration %s", examples)
	case plain != text:
		return meant("it has full-width characters; write %s", words)
	case numberAlone.MatchString(text):
		return meant("a number needs its unit; write %s", text+"s")
	case days != nil:
		return inHours(days)
	case strings.Contains(text, ","):
		return meant("the decimal point is a point; write %s", strings.ReplaceAll(words, ",", "."))
	case lastIsAlone.MatchString(text):
		return meant("the last number needs its unit too; write %s", text+"s")
	case words != lower:
		return meant("the units are ms, s, m and h; write %s", words)
	case lower != spaceless:
		return meant("the units are written small; write %s", lower)
	case spaceless != text:
		return meant("there must be no space in it; write %s", spaceless)
	}
	if _, err := time.ParseDuration("1" + strings.TrimLeft(text, "-+0123456789.")); err == nil {
		return errTooLong
	}
	return meant("%s", text)
}

func inHours(days []string) error {
	n, err := strconv.ParseInt(days[1], 10, 32)
	if hours := n * 24; err == nil && days[2][0] == 'd' {
		return fmt.Errorf("there is no unit for days; write %dh", hours)
	}
	return errors.New("the units are ms, s, m and h; write hours")
}

// UnmarshalText reads a Size. Its errors say what to write.
func (s *Size) UnmarshalText(text []byte) error {
	for i, unit := range []string{"KiB", "MiB", "GiB", "B"} {
		number, is := strings.CutSuffix(string(text), unit)
		shift := 10 * (i + 1) % 40
		if n, err := strconv.ParseUint(number, 10, 63-shift); is && err == nil {
			*s = Size(n << shift)
			return nil
		}
	}
	parts := sizeText.FindStringSubmatch(narrow(string(text)))
	switch {
	case parts == nil:
		return errors.New("it is no size; write a whole number with its unit, such as 512KiB, 256MiB or 2GiB")
	case len(parts[1]) > 9:
		return errors.New("it is more than there can be; write less, such as 256MiB")
	case parts[2] == "":
		return fmt.Errorf("a size needs its unit; write %sMiB or %sB", parts[1], parts[1])
	}
	return fmt.Errorf("the units are B, KiB, MiB and GiB, without a space in front; write %s%siB",
		parts[1], strings.ToUpper(parts[2]))
}

func (s Size) String() string {
	for shift, unit := range []string{"B", "KiB", "MiB"} {
		if n := s >> (10 * shift); n == 0 || n%1024 != 0 {
			return fmt.Sprintf("%d%s", n, unit)
		}
	}
	return fmt.Sprintf("%dGiB", s>>30)
}

var sizeText = regexp.MustCompile(`^([0-9]+)\s*(?:([kKmMgG])(?:i?[bB]?)|)$`)
