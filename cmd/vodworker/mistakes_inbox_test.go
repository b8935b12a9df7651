package main

// The inbox, whose URL may hold a password.
var mistakesInbox = []mistake{
	{"inbox: sqlite:///var/lib/inbox.db", "1:8: inbox must hold keys; write {url: VALUE}, or url: VALUE on a line below"},
	{"inbox: {url: /var/lib/inbox.db}",
		`1:14: inbox.url is "/…": the scheme is missing; write sqlite:// in front, or postgres://USER:PASSWORD@HOST/DATABASE`},
	{"inbox: {url: inbox.db}", `1:14: inbox.url is "inbox.db": the scheme is missing; write sqlite:///var/lib/vodworker/inbox.db ` +
		"or postgres://USER:PASSWORD@HOST/DATABASE"},
	{"inbox: {url: 'sqlite:/var/lib/inbox.db'}", `1:14: inbox.url is "sqlite:/…": two slashes are missing in front of the path; ` +
		"write sqlite:///var/lib/vodworker/inbox.db"},
	{"inbox: {url: 'sqlite://inbox.db'}", `1:14: inbox.url is "sqlite://inbox.db": the path must be an absolute one, so there are ` +
		"three slashes; write sqlite:///var/lib/vodworker/inbox.db"},
	{"inbox: {url: 'sqlite:///var/lib/'}", `1:14: inbox.url is "sqlite:///var/lib/": it is a folder; name the file in it, as in ` +
		"sqlite:///var/lib/vodworker/inbox.db"},
	{"inbox: {url: 'sqlite:///var/inbox.db?_pragma=a'}", `1:14: inbox.url is "sqlite:///…": a path has no ? or # in it, and there are ` +
		"no options; write it without"},
	{"inbox: {url: 'sqlite:///var/%in'}", `1:14: inbox.url is "sqlite:///var/%in": it has a % without two hexadecimal digits behind ` +
		"it; % itself is written %25"},
	{"inbox: {url: 'sqlite::memory:'}", `1:14: inbox.url is "sqlite::memory:": what lies in memory is lost when the program ends, ` +
		"though it is confirmed; write sqlite:///var/lib/vodworker/inbox.db"},
	{"inbox: {url: 'file:///var/inbox.db'}", `1:14: inbox.url is "file:///…": the scheme of a file must be sqlite; write ` +
		"sqlite:///var/lib/vodworker/inbox.db"},
	{"inbox: {url: 'mysql://u:hunter2@db/v'}", `1:14: inbox.url is "mysql://…@db/…": the scheme must be sqlite or postgres; write ` +
		"sqlite:///var/lib/vodworker/inbox.db or postgres://USER:PASSWORD@HOST/DATABASE"},
	{"inbox: {url: 'jdbc:postgresql://db/v?password=hunter2'}", `1:14: inbox.url is "jdbc:postgresql://db/…": the scheme must be ` +
		"postgres; write postgres://USER:PASSWORD@HOST/DATABASE"},
	{"inbox: {url: 'host=db user=u password=hunter2'}", `1:14: inbox.url is "host=db user=u password=…": it must be a URL; write ` +
		"postgres://USER:PASSWORD@HOST/DATABASE"},
	{"inbox: {url: 'postgres:db/v'}", `1:14: inbox.url is "postgres:db/…": two slashes are missing behind the scheme; write ` +
		"postgres://USER:PASSWORD@HOST/DATABASE"},
	{"inbox: {url: 'postgres://u:hunter2@/v'}", `1:14: inbox.url is "postgres://…@/…": the host is missing; write ` +
		"postgres://USER:PASSWORD@HOST/DATABASE"},
	{"inbox: {url: 'postgres://u:hunter2@db'}", `1:14: inbox.url is "postgres://…@db": the database is missing; write its name behind ` +
		"the host, as in postgres://USER:PASSWORD@HOST/DATABASE"},
	{"inbox: {url: 'postgres://u:hunter2@db/v/w'}", `1:14: inbox.url is "postgres://…@db/…": there is more than a database behind ` +
		"the host; write only its name there"},
	{"inbox: {url: 'postgres://u:hunter2/x@db/v'}", `1:14: inbox.url is "postgres://…@db/…": its port is not a number, or its user name or ` +
		"password has / ? or # in it; write those as %2F, %3F and %23"},
	{"inbox: {url: 'postgres://u:hunter2'}", `1:14: inbox.url is "postgres://u:…": its port is not a number, or its user name or ` +
		"password has / ? or # in it; write those as %2F, %3F and %23"},
	{"inbox: {url: 'postgres://u:hunter2 @db/v'}", `1:14: inbox.url is "postgres://…@db/…": it is no URL; write / ? # and @ in a user ` +
		"name or a password as %2F, %3F, %23 and %40"},
	{"inbox: {url: 'postgres://u:hunter2%x@db/v'}", `1:14: inbox.url is "postgres://…@db/…": it has a % without two hexadecimal ` +
		"digits behind it; % itself is written %25"},
	{"inbox: {url: 'postgres://u:1#hunter2@db/v'}", `1:14: inbox.url is "postgres://…@db/…": it has a # in it; write that as %23`},
	{"inbox: {url: 'postgres://u:hunter2@db/v?sslmode=on'}", `1:14: inbox.url is "postgres://…@db/…": there is no such sslmode; write ` +
		"disable, allow, prefer, require, verify-ca or verify-full"},
	{`inbox: {url: "postgres://u:${TEXT}@db"}`, `1:14: inbox.url is "postgres://…@db": the database is missing; write its name behind ` +
		"the host, as in postgres://USER:PASSWORD@HOST/DATABASE"},
	{`inbox: {url: "${TEXT}"}`, `1:14: inbox.url is "${TEXT}": the scheme is missing; write sqlite:///var/lib/vodworker/inbox.db ` +
		"or postgres://USER:PASSWORD@HOST/DATABASE"},
	{`inbox: {url: "${BLANK}"}`, `1:14: inbox.url is "${BLANK}": it is empty; give it, or take the key out`},
	{`inbox: {url_file: "${NOFILE}"}`, `1:19: inbox.url_file is "${NOFILE}": there is no such file; make it, or name another`},
	{`inbox: {url_file: 'postgres://u:hunter2@db/v'}`,
		`1:19: inbox.url_file is "postgres://…@db/…": there is no such file; make it, or name another`},
	{"inbox: {keep: 0s}", `1:15: inbox.keep is "0s": it must be positive; write the default, 24h`},
	{"inbox: {window: 97h}", `1:17: inbox.window is "97h": it must be positive, and at most 96h; write how long a handler may take, ` +
		"such as 1h"},
	{"inbox: {window: 2s}", `1:17: inbox.window is "2s": it leaves no time for handling; write 2.5s or more`},
	{"inbox: {url: 'sqlite:///i.db', window: 1h}\nhandlers: [{name: p, timeout: 51m, stdout: {}}]",
		`2:31: handlers[0].timeout is "51m": handling ends after 50m anyway (five sixths of inbox.window); write 50m or less`},
	{"inbox: {url: 'sqlite:///i.db'}\nhandlers: [{name: inbox, stdout: {}}]",
		`2:19: handlers[0].name is "inbox": the inbox has this name, in logs and metrics; give the handler another`},
	{"inbox: {url: 'sqlite:///i.db'}\ndead_letters: {after: 721h}",
		`2:23: dead_letters.after is "721h": it must be at most 720h, 30 days; write 72h, or more for outages that last longer`},
	{"inbox: {url: 'sqlite:///i.db'}\ndead_letters: {dir: dead}",
		"2:21: with an inbox dead letters lie in that; omit dir, or inbox.url"},
	{"inbox: {url: 'sqlite:///i.db'}\ndead_letters: {webhook: {url: 'http://a'}}",
		"2:25: with an inbox dead letters lie in that; omit webhook, or inbox.url"},
	{"inbox: {url: 'sqlite:///i.db'}\nhandlers: [{name: p, file: {path: /i.db}}]",
		`2:35: handlers[0].file.path is "/i.db": it is the inbox, which would be written over; name another`},
}
