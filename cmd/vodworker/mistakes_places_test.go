package main

// Endpoints, URLs, handlers and what they want.
var mistakesPlaces = []mistake{
	{"vod: {endpoint: vod.tencentcloudapi.com}",
		`1:17: vod.endpoint is "vod.tencentcloudapi.com": the scheme is missing; write https:// in front, or http:// for ` +
			"an emulator"},
	{"vod: {endpoint: 'localhost:9266'}",
		`1:17: vod.endpoint is "localhost:9266": the scheme is missing; write https:// in front, or http:// for an ` +
			"emulator"},
	{"vod: {endpoint: 'ftp://vod.tencentcloudapi.com'}",
		`1:17: vod.endpoint is "ftp://vod.tencentcloudapi.com": the scheme must be http or https; write ` +
			"https://vod.tencentcloudapi.com"},
	{"vod: {endpoint: 'https://'}",
		`1:17: vod.endpoint is "https://": it is no URL; write one such as https://vod.tencentcloudapi.com`},
	{"vod: {endpoint: 'https://vod.tencentcloudapi.com/v2/'}",
		`1:17: vod.endpoint is "https://vod.tencentcloudapi.com/…": it has more than a scheme and a host; omit the rest`},
	{"vod: {endpoint: 'https://vod.tencentcloudapi.com?a=hunter2'}",
		`1:17: vod.endpoint is "https://vod.tencentcloudapi.com/…": it has more than a scheme and a host; omit the rest`},
	{"vod: {endpoint: 'https://u:hunter2@vod.tencentcloudapi.com'}",
		`1:17: vod.endpoint is "https://…@vod.tencentcloudapi.com": it has a user name in it; write only scheme and ` +
			"host, and the key under vod.credentials"},
	{"vod: {endpoint: 'http://127.0.0.1:port'}",
		`1:17: vod.endpoint is "http://127.0.0.1:port": the port is no number; write one such as http://127.0.0.1:9266`},
	{"vod: {endpoint: ''}", "1:17: vod.endpoint: it is empty; write https://vod.tencentcloudapi.com"},
	{"vod: {endpoint: 'https://vod.tencentcloudpai.com'}",
		`1:17: vod.endpoint is "https://vod.tencentcloudpai.com": this is nearly the host of VOD; write ` +
			"https://vod.tencentcloudapi.com"},
	{"vod: {endpoint: 'https://vod.ap-guangzho.tencentcloudapi.com'}",
		`1:17: vod.endpoint is "https://vod.ap-guangzho.tencentcloudapi.com": there is no such region; the nearest is ` +
			"ap-guangzhou"},
	{"vod: {endpoint: 'https://cvm.tencentcloudapi.com'}",
		`1:17: vod.endpoint is "https://cvm.tencentcloudapi.com": this is not the API of VOD; write ` +
			"https://vod.tencentcloudapi.com"},
	{"vod: {endpoint: 'https://vod.api.qcloud.com'}",
		`1:17: vod.endpoint is "https://vod.api.qcloud.com": this is a host of the old API, which has no such calls; ` +
			"write https://vod.tencentcloudapi.com"},
	{"vod: {endpoint: 'https//vod.tencentcloudapi.com'}",
		`1:17: vod.endpoint is "https//vod.tencentcloudapi.com": the scheme is missing; write https:// in front, or ` +
			"http:// for an emulator"},
	{"handlers: [{name: p, webhook: {}}]", "1:31: handlers[0].webhook.url: it is missing; write the URL to post to"},
	{"handlers: [{name: p, webhook: {url: 'https://example.com:99999/'}}]",
		`1:37: handlers[0].webhook.url is "https://example.com:99999/": its port is not from 1 to 65535; write another, or none`},
	{"handlers: [{name: p, webhook: {url: 'https://example.com:0/'}}]",
		`1:37: handlers[0].webhook.url is "https://example.com:0/": its port is not from 1 to 65535; write another, or none`},
	{"handlers: [{name: p, webhook: {url: ''}}]", "1:37: handlers[0].webhook.url: it is missing; write the URL to post to"},
	{"handlers: [{name: p, webhook: {url: example.com/vod}}]",
		`1:37: handlers[0].webhook.url is "example.com/…": it does not begin with http:// or https://; write one of ` +
			"them in front"},
	{"handlers: [{name: p, webhook: {url: 'ftp://u:hunter2@example.com/'}}]",
		`1:37: handlers[0].webhook.url is "ftp://…@example.com/": it does not begin with http:// or https://; write one ` +
			"of them in front"},
	{"handlers: [{name: p, webhook: {url: 'http://example.com:port/?q=hunter2'}}]",
		`1:37: handlers[0].webhook.url is "http://example.com:port/…": its port is not a number, or its user name or ` +
			"password has / ? or # in it; write those as %2F, %3F and %23"},
	{"handlers: [{name: p, webhook: {url: 'http://'}}]",
		`1:37: handlers[0].webhook.url is "http://": it has no host; write one behind the scheme, such as ` +
			"https://example.com/vod"},
	{"handlers: [{name: p, webhook: {url: 'http://a/%zz'}}]",
		`1:37: handlers[0].webhook.url is "http://a/…": it has a % without two hexadecimal digits behind it; % itself ` +
			"is written %25"},
	{"handlers: [{name: p, webhook: {url: 'http://a b/'}}]",
		`1:37: handlers[0].webhook.url is "http://a b/": it has a character in its host that cannot be there; write it ` +
			"without"},
	{`handlers: [{name: p, webhook: {url: "http://a/\n"}}]`,
		`1:37: handlers[0].webhook.url is "http://a/": there is white space or a line break at its beginning or end; ` +
			"take it away"},
	{"handlers: [{name: p, webhook: {url: 'http://a', format: xml}}]",
		`1:57: handlers[0].webhook.format is "xml": there is no such format; write callback, cloudevents or ` +
			"cloudevents-binary"},
	{"handlers: [{name: p, webhook: {url: 'http://a', secret: 'hunter2!'}}]",
		"1:57: handlers[0].webhook.secret: it is not base64, with or without whsec_ in front; copy the receiver's secret"},
	{"handlers: [{name: p, webhook: {url: 'http://a', secret: [hunter2]}}]",
		"1:57: handlers[0].webhook.secret: one value is needed, not a list; write secret: VALUE without - and [ ]"},
	{"handlers: [{name: p, stdout: {format: xml}}]",
		`1:39: handlers[0].stdout.format is "xml": there is no such format; write text or json`},
	{"handlers: [{name: p, file: {}}]", "1:28: handlers[0].file.path: it is missing; name a file"},
	{"handlers: [{name: p, exec: {}}]",
		"1:28: handlers[0].exec.command: it is missing; name a program, such as [./on-event.sh]"},
	{"handlers: [{name: p, exec: {command: []}}]",
		"1:38: handlers[0].exec.command: it is missing; name a program, such as [./on-event.sh]"},
	{"handlers: [{name: p, exec: {command: ['']}}]",
		"1:38: handlers[0].exec.command: it is missing; name a program, such as [./on-event.sh]"},
	{"handlers: [{stdout: {}}]", "1:12: handlers[0].name: it is missing; write a name, by which logs tell handlers apart"},
	{"handlers: [{name: p, stdout: {}}, {name: p, stdout: {}}]",
		`1:42: handlers[1].name is "p": the handler in line 1 has this name too; give each its own`},
	{"handlers: [{name: '', stdout: {}}]",
		"1:19: handlers[0].name: it is missing; write a name, by which logs tell handlers apart"},
	{"handlers: [{name: p, events: [FileDelete], stdout: {}}]",
		`1:31: handlers[0].events[0] is "FileDelete": no event type has this name; the nearest is FileDeleted, and a ` +
			"type that is newer than this program is written as a glob: FileDelete*"},
	{"handlers: [{name: p, events: 'NewFileUpload,FileDeleted', stdout: {}}]",
		`1:30: handlers[0].events[0] is "NewFileUpload,FileDeleted": each event type is an entry of its own; write ` +
			"[NewFileUpload, ProcedureStateChanged]"},
	{"handlers: [{name: p, events: ['[a'], stdout: {}}]",
		`1:31: handlers[0].events[0] is "[a": a [ is not closed, or a \ stands at the end; write a glob such as *Complete`},
	{"handlers: [{name: p, events: [''], stdout: {}}]",
		`1:31: handlers[0].events[0]: it is empty; write an event type such as NewFileUpload, or "*" for all`},
	{`handlers: [{name: p, events: ["${TEXT}"], stdout: {}}]`,
		`1:31: handlers[0].events[0] is "${TEXT}": no event type has this name; change the variable`},
	{`handlers: [{name: p, events: ["'FileDeleted'"], stdout: {}}]`,
		`1:31: handlers[0].events[0] is "'FileDeleted'": quotes within quotes are a part of the value; write one pair`},
	{"vod: {sub_app_ids: [7, 8]}\nhandlers: [{name: p, sub_app_ids: 7, stdout: {}}]",
		`1:24: vod.sub_app_ids[1] is "8": no handler is for application 8, so its events would be confirmed unseen; add ` +
			"one, or take the application out"},
	{"vod: {sub_app_ids: 7}\nhandlers: [{name: p, stdout: {}}, {name: q, sub_app_ids: 9, stdout: {}}]",
		`2:58: handlers[1].sub_app_ids[0] is "9": neither vod.sub_app_ids nor callback.sub_app_id names this ` +
			"application, so no event of it comes; add it to vod.sub_app_ids"},
	{`handlers: [{name: p, webhook: {url: "${TEXT}"}}]`,
		`1:37: handlers[0].webhook.url is "${TEXT}": it does not begin with http:// or https://; write one of them in ` +
			"front"},
	{"handlers: [{name: p, webhook: {url: 'http://a', secret: ''}}]",
		"1:57: handlers[0].webhook.secret: it is empty; give it, or take the key out"},
	{`handlers: [{name: p, webhook: {url: 'http://a', secret: "${BLANK}"}}]`,
		"1:57: handlers[0].webhook.secret: it is empty; give it, or take the key out"},
	{`handlers: [{name: p, webhook: {url: 'http://a', secret: "${BLANK:-}"}}]`,
		"1:57: handlers[0].webhook.secret: it is empty; give it, or take the key out"},
	{`handlers: [{name: p, webhook: {url: 'http://a', secret_file: "${BLANK}"}}]`,
		`1:62: handlers[0].webhook.secret_file is "${BLANK}": it is empty; give it, or take the key out`},
	{`dead_letters: {webhook: {url: 'http://a', secret: "${BLANK}"}}`,
		"1:51: dead_letters.webhook.secret: it is empty; give it, or take the key out"},
	{`callback: {sign_key: "${BLANK}"}`, "1:22: callback.sign_key: it is empty; give it, or take the key out"},
	{`vod: {credentials: {secret_id: a, secret_key: b, token: "${BLANK}"}}`,
		"1:57: vod.credentials.token: it is empty; give it, or take the key out"},

	{"callback: {listen: ':8081'}\nhandlers: [{name: p, webhook: {url: 'http://localhost:8081/vod'}}]",
		`2:37: handlers[0].webhook.url is "http://localhost:8081/…": callback.listen is the same address, so it would ` +
			"post each event to itself; write another"},
	{"callback: {listen: '10.0.0.5:80'}\ndead_letters: {webhook: {url: 'http://10.0.0.5/'}}",
		`2:31: dead_letters.webhook.url is "http://10.0.0.5/": callback.listen is the same address, so it would post ` +
			"each event to itself; write another"},

	{"handlers: [{name: p, webhook: {url: 'http://${HOST'}}]",
		"1:37: handlers[0].webhook.url is \"http://${HOST\": a ${ is not closed, or has another in it; write ${VAR}, and " +
			"$${ for a literal ${"},
	{"vod: {region: 'a${A:-${V}}'}",
		"1:15: vod.region is \"a${A:-${V}}\": a ${ is not closed, or has another in it; write ${VAR}, and $${ for a literal ${"},
	{`vod: {window: "${COMMENTED}"}`,
		`1:15: vod.window is "${COMMENTED}": the variable COMMENTED has a comment behind its value, and docker --env-file, for one, ` +
			"keeps it; take it out there"},
	{`vod: {region: "${CRLF}"}`,
		`1:15: vod.region is "${CRLF}": the variable CRLF has white space or a line break at its beginning or end; ` +
			"take it away there"},
	{`vod: {endpoint: "${CRLF}/"}`,
		`1:17: vod.endpoint is "${CRLF}/": the variable CRLF has white space or a line break at its beginning or end; ` +
			"take it away there"},
	{`handlers: [{name: p, exec: {command: ["${QUOTED}", a]}}]`,
		`1:39: handlers[0].exec.command[0] is "${QUOTED}": the variable QUOTED has quotes around its value, and docker --env-file, ` +
			"for one, keeps them; take them out there"},
	{`vod: {region: " ${V}"}`,
		`1:15: vod.region is " ${V}": there is white space or a line break at its beginning or end; take it away`},
	{`vod: {endpoint: "http://${QUOTED}:x"}`,
		`1:17: vod.endpoint is "http://${QUOTED}:x": the variable QUOTED has quotes around its value, and docker --env-file, for one, ` +
			"keeps them; take them out there"},

	{"handlers: [{name: p, file: {path: ./events}}]\ndead_letters: {file: {path: events}}",
		`2:29: dead_letters.file.path is "events": handlers[0] writes events to it; name another file for letters`},
	{"handlers: [{name: p, file: {path: dead/events}}]\ndead_letters: {dir: ./dead/}",
		`1:35: handlers[0].file.path is "dead/events": it is in the folder of dead letters, which holds nothing else; name another`},
	{"dead_letters: {dir: //}", `1:21: dead_letters.dir is "//": it is the root of all files; name a folder of its own`},
	{"handlers: [{name: p, file: {path: ./a.pem}}]\ncallback: {tls: {cert_file: a.pem, key_file: a.pem}}",
		`1:35: handlers[0].file.path is "./a.pem": it is the file of a secret or a certificate, which would be written over; ` +
			"name another"},
	{"handlers: [{name: p, file: {path: on-event.sh}}, {name: q, exec: {command: ./on-event.sh}}]",
		`1:35: handlers[0].file.path is "on-event.sh": it is a program that a handler runs, which would be written over; ` +
			"name another"},
}
