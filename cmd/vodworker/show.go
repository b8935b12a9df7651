package main

import (
	"fmt"
	"strconv"
	"time"
)

// applicationName is how people are told of an application.
func applicationName(subAppID uint64) string {
	if subAppID == 0 {
		return "default"
	}
	return strconv.FormatUint(subAppID, 10)
}

func when(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func onOff(set bool) string {
	if set {
		return "ON"
	}
	return "OFF"
}

func sentOrNot(set bool) string {
	if set {
		return "sent"
	}
	return "not sent"
}
