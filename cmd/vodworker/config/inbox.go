package config

import (
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// inboxName is a handler's that an inbox takes: see package inbox.
const inboxName = "inbox"

// handlersTime is how long handlers may take for an event: of VOD's window, or of the inbox's if there is one.
func (c *Config) handlersTime() Duration {
	if c.Inbox.On() {
		return c.Inbox.Window - c.Inbox.Window/6
	}
	return c.handling()
}

func (c *Config) validateInbox() {
	if problem := badInbox(c.Inbox.URL); c.Inbox.On() && problem != "" {
		c.bad(c.Inbox.Key(), "%s", problem)
	}
	if c.Inbox.Keep <= 0 {
		c.bad("inbox.keep", "it must be positive; write the default, 24h")
	}
	switch window := c.Inbox.Window; {
	case window <= 0 || window > keptByVOD:
		c.bad("inbox.window", "it must be positive, and at most %v; write how long a handler may take, such as 1h", keptByVOD)
	case !leavesTime(window - window/6):
		c.bad("inbox.window", "it leaves no time for handling; write %v or more", leastWindow)
	}
	for i, h := range c.Handlers {
		if c.Inbox.On() && h.Name == inboxName {
			c.bad(fmt.Sprintf("handlers[%d].name", i), "the inbox has this name, in logs and metrics; give the handler another")
		}
	}
}

// warnOfInbox is for what works, and may lose events or have them handled twice.
func (c *Config) warnOfInbox() {
	if !c.Inbox.On() {
		return
	}
	if c.Inbox.Keep < 600*second {
		c.warn("inbox.keep", "an event that VOD hands out again after it was forgotten is handled again; write 24h")
	}
	u, err := url.Parse(c.Inbox.URL)
	if err != nil || u.User == nil || u.Query().Get("sslmode") != "disable" || isLocal(u.Hostname()) {
		return
	}
	if _, has := u.User.Password(); has {
		c.warn(c.Inbox.Key(), "the password goes to %s unencrypted, and whoever is between can read it; write sslmode=require",
			u.Hostname())
	}
}

const (
	likeSQLite   = "sqlite:///var/lib/vodworker/inbox.db"
	likePostgres = "postgres://USER:PASSWORD@HOST/DATABASE"
)

// badInbox says what is wrong with the URL of an inbox. It does not quote it: there may be a password in it.
func badInbox(text string) string {
	scheme, rest, _ := strings.Cut(text, ":")
	switch scheme = strings.ToLower(scheme); {
	case strings.TrimSpace(text) != text:
		return "there is white space or a line break at its beginning or end; take it away"
	case strings.HasPrefix(text, "/"):
		return "the scheme is missing; write sqlite:// in front, or " + likePostgres
	case keywords.MatchString(text):
		return "it must be a URL; write " + likePostgres
	case !schemed.MatchString(text):
		return "the scheme is missing; write " + likeSQLite + " or " + likePostgres
	case slices.Contains([]string{"sqlite3", "file"}, scheme):
		return "the scheme of a file must be sqlite; write " + likeSQLite
	case scheme == "jdbc":
		return "the scheme must be postgres; write " + likePostgres
	case scheme == "sqlite":
		return badSQLite(text, rest)
	case scheme == "postgres", scheme == "postgresql":
		return badPostgres(text, rest)
	}
	return "the scheme must be sqlite or postgres; write " + likeSQLite + " or " + likePostgres
}

var (
	schemed  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)
	keywords = regexp.MustCompile(`^\s*(host|hostaddr|port|user|password|dbname|sslmode)\s*=`)
)

func badSQLite(text, rest string) string {
	u, err := url.Parse(text)
	switch {
	case strings.Contains(rest, ":memory:"):
		return "what lies in memory is lost when the program ends, though it is confirmed; write " + likeSQLite
	case !strings.HasPrefix(rest, "//"):
		return "two slashes are missing in front of the path; write " + likeSQLite
	case !strings.HasPrefix(rest, "///"):
		return "the path must be an absolute one, so there are three slashes; write " + likeSQLite
	case strings.ContainsAny(rest, "?#"):
		return "a path has no ? or # in it, and there are no options; write it without"
	case err != nil:
		return "it has a % without two hexadecimal digits behind it; % itself is written %25"
	case strings.HasSuffix(u.Path, "/") || filepath.Base(filepath.Clean(u.Path)) == "..":
		return "it is a folder; name the file in it, as in " + likeSQLite
	}
	return ""
}

func badPostgres(text, rest string) string {
	u, err := url.Parse(text)
	switch {
	case !strings.HasPrefix(rest, "//"):
		return "two slashes are missing behind the scheme; write " + likePostgres
	case err != nil && strings.Contains(err.Error(), "URL escape"):
		return "it has a % without two hexadecimal digits behind it; % itself is written %25"
	case err != nil && strings.Contains(err.Error(), "port"):
		return "its port is not a number, or its user name or password has / ? or # in it; write those as %2F, %3F and %23"
	case err != nil:
		return "it is no URL; write / ? # and @ in a user name or a password as %2F, %3F, %23 and %40"
	case u.Fragment != "" || strings.HasSuffix(text, "#"):
		return "it has a # in it; write that as %23"
	case u.Hostname() == "" && u.Query().Get("host") == "":
		return "the host is missing; write " + likePostgres
	case strings.Trim(u.Path, "/") == "":
		return "the database is missing; write its name behind the host, as in " + likePostgres
	case strings.Contains(strings.TrimPrefix(u.Path, "/"), "/"):
		return "there is more than a database behind the host; write only its name there"
	case u.Query().Has("sslmode") && !slices.Contains(sslModes, u.Query().Get("sslmode")):
		return "there is no such sslmode; write " + oneOf(sslModes)
	}
	return ""
}

var sslModes = []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}

// path returns the file of a SQLite inbox; "" if it is none.
func (i Inbox) path() string {
	if u, err := url.Parse(i.URL); err == nil && u.Scheme == "sqlite" {
		return filepath.Clean(u.Path)
	}
	return ""
}
