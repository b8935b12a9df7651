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
		`1:17: vod.endpoint is "https://vod.tencentcloudapi.com/v2/": it has more than a scheme and a host; omit the rest`},
	{"vod: {endpoint: 'https://vod.tencentcloudapi.com?a=hunter2'}",
		`1:17: vod.endpoint is "https://vod.tencentcloudapi.com?…": it has more than a scheme and a host; omit the rest`},
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
	{"handlers: [{name: p, webhook: {url: ''}}]", "1:37: handlers[0].webhook.url: it is missing; write the URL to post to"},
	{"handlers: [{name: p, webhook: {url: example.com/vod}}]",
		`1:37: handlers[0].webhook.url is "example.com/vod": it does not begin with http:// or https://; write one of ` +
			"them in front"},
	{"handlers: [{name: p, webhook: {url: 'ftp://u:hunter2@example.com/'}}]",
		`1:37: handlers[0].webhook.url is "ftp://…@example.com/": it does not begin with http:// or https://; write one ` +
			"of them in front"},
	{"handlers: [{name: p, webhook: {url: 'http://example.com:port/?q=hunter2'}}]",
		`1:37: handlers[0].webhook.url is "http://example.com:port/?…": its port is not a number, or its user name or ` +
			"password has / ? or # in it; write those as %2F, %3F and %23"},
	{"handlers: [{name: p, webhook: {url: 'http://'}}]",
		`1:37: handlers[0].webhook.url is "http://": it has no host; write one behind the scheme, such as ` +
			"https://example.com/vod"},
	{"handlers: [{name: p, webhook: {url: 'http://a/%zz'}}]",
		`1:37: handlers[0].webhook.url is "http://a/%zz": it has a % without two hexadecimal digits behind it; % itself ` +
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
}
