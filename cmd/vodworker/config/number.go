package config

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// yesOrNo reads true and false.
func yesOrNo(text string) (bool, error) {
	if text != "true" && text != "false" {
		return false, errors.New("it must be true or false")
	}
	return text == "true", nil
}

// wholeNumber reads a whole number. Its errors say what to write.
func wholeNumber(text string) (int64, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && wholeText.MatchString(text) {
		return n, nil
	}
	return 0, notWhole(text)
}

// positiveNumber reads a whole number that is not negative.
func positiveNumber(text string) (uint64, error) {
	if n, err := strconv.ParseUint(text, 10, 64); err == nil && wholeText.MatchString(text) {
		return n, nil
	}
	if severalIDs.MatchString(text) {
		return 0, errors.New("several numbers are entries of a list; write them as [1, 2]")
	}
	if strings.HasPrefix(text, "-") {
		return 0, errors.New("it must be a whole number that is not negative; write it without -")
	}
	return 0, notWhole(text)
}

var (
	wholeText   = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	digitsAlone = regexp.MustCompile(`^-?[0-9]+$`)
	numberText  = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`)
	infinite    = regexp.MustCompile(`(?i)^[+-]?\.?(inf|infinity|nan)$`)
	severalIDs  = regexp.MustCompile(`^[0-9]+(\s*[,; ]\s*[0-9]+)+$`)
	splitDigits = regexp.MustCompile(`^-?[0-9]{1,3}([,_' ][0-9]{3})+$`)
)

var betweenDigits = strings.NewReplacer(",", "", "_", "", "'", "", " ", "")

func notWhole(text string) error {
	const must = "it must be a whole number"
	narrow := narrow(text)
	n, err := strconv.ParseInt(text, 0, 64)
	f, _ := strconv.ParseFloat(text, 64)
	switch {
	case text == "":
		return errors.New("it is empty; write a whole number such as 10")
	case narrow != text && digitsAlone.MatchString(narrow):
		return fmt.Errorf("these are full-width digits; write %s", narrow)
	case splitDigits.MatchString(text):
		return fmt.Errorf("%s; write it as digits alone: %s", must, betweenDigits.Replace(text))
	case digitsAlone.MatchString(text) && !wholeText.MatchString(text):
		return errors.New("a 0 in front makes an octal number for some readers of YAML; write it without")
	case digitsAlone.MatchString(text):
		return errors.New("it has too many digits for any number that can be meant here; write fewer")
	case err == nil:
		return fmt.Errorf("%s in decimal; write %d", must, n)
	case infinite.MatchString(text):
		return fmt.Errorf("%s; write digits, since there is no such thing as no limit", must)
	case numberText.MatchString(text) && math.Abs(f) < 1e15 && f == math.Trunc(f):
		return fmt.Errorf("%s in digits; write %.0f", must, f)
	case numberText.MatchString(text) && math.Abs(f) < 1e15:
		return fmt.Errorf("%s; write %.0f or %.0f", must, math.Floor(f), math.Ceil(f))
	}
	return fmt.Errorf("%s; write digits alone, such as 10", must)
}

// number reads a number with or without a fraction.
func number(text string) (float64, error) {
	f, err := strconv.ParseFloat(text, 64)
	narrow, comma := narrow(text), strings.Replace(text, ",", ".", 1)
	switch {
	case numberText.MatchString(text) && (err == nil || math.IsInf(f, 0)):
		return f, nil
	case text == "":
		return 0, errors.New("it is empty; write a number such as 10 or 0.5")
	case infinite.MatchString(text):
		return 0, errors.New("it must be a finite number; write digits such as 10 or 0.5")
	case narrow != text && numberText.MatchString(narrow):
		return 0, fmt.Errorf("these are full-width digits; write %s", narrow)
	case comma != text && numberText.MatchString(comma):
		return 0, fmt.Errorf("the decimal point is a point; write %s", comma)
	}
	return 0, errors.New("it must be a number; write digits such as 10 or 0.5")
}

// narrow replaces full-width characters by their ASCII twins.
func narrow(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xff00 && r < 0xff5f {
			return r - 0xfee0
		}
		return r
	}, text)
}
