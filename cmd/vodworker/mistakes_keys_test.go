package main

// Keys that do not exist, or stand elsewhere.
var mistakesKeys = []mistake{
	{"vod:\n  widnow: 5s", `2:3: unknown key "widnow"; the nearest is "window"`},
	{"vod:\n  subAppIds: [1]", `2:3: unknown key "subAppIds"; it is written "sub_app_ids"`},
	{"wroker: {concurrency: 5}", `1:1: unknown key "wroker"; the nearest is "worker"`},
	{"concurrency: 5", `1:1: unknown key "concurrency"; it belongs under worker`},
	{"vod:\n  concurrency: 5", `2:3: unknown key "concurrency"; it belongs under worker`},
	{"vod:\n  secret_id: AKIDhunter2", `2:3: unknown key "secret_id"; it belongs under vod.credentials`},
	{"vod:\n  credentials:\n    sercet_key: hunter2", `3:5: unknown key "sercet_key"; the nearest is "secret_key"`},
	{"vod: {sub_app_id: 1}", `1:7: unknown key "sub_app_id"; the nearest is "sub_app_ids"`},
	{"vod: {sub-app-ids: 1}", `1:7: unknown key "sub-app-ids"; it is written "sub_app_ids"`},
	{"Vod: {rate: 5}", `1:1: unknown key "Vod"; it is written "vod"`},
	{"timeout: 5s", `1:1: unknown key "timeout"; it belongs under handlers`},
	{"handlers: [{name: p, stdout: {}, url: 'http://a'}]",
		`1:34: unknown key "url"; it belongs under handlers.webhook or handlers.redis or handlers.rabbitmq`},
	{"handlers:\n  - name: p\n    timout: 5s\n    stdout: {}", `3:5: unknown key "timout"; the nearest is "timeout"`},
	{"handlers: [{name: p, webhook: {ulr: 'http://a'}}]", `1:32: unknown key "ulr"; the nearest is "url"`},
	{"handlers: [{name: p, event: [NewFileUpload], stdout: {}}]", `1:22: unknown key "event"; the nearest is "events"`},
	{"handler: [{name: p, stdout: {}}]\nhandlers: []", `1:1: unknown key "handler"; the nearest is "handlers"`},
	{"frobnicate: 1",
		`1:1: unknown key "frobnicate"; the keys here are vod, worker, confirm, handlers, inbox, dead_letters, callback, admin, log`},
	{"log: {lvl: info}", `1:7: unknown key "lvl"; the nearest is "level"`},
	{"vod:\n  rate: 5\n  rate: 6", `3:3: the key "rate" stands here a second time, first in line 2; keep one of them`},
	{"worker: {a: 1, b: 2, c: 3}",
		`1:10: unknown key "a"; the keys here are concurrency, memory, unmatched, stop_grace FILE:1:16: unknown key "b"; ` +
			`the keys here are concurrency, memory, unmatched, stop_grace FILE:1:22: unknown key "c"; the keys here are ` +
			"concurrency, memory, unmatched, stop_grace"},
	{"handlers: [{name: p, stdout: {format: text, path: x}}]",
		`1:45: unknown key "path"; it belongs under handlers.file or dead_letters.file or callback`},
	{"defaults: &d {timeout: 5s}", `1:1: unknown key "defaults"; a key that is there for its anchor begins with x-`},
	{"callback: {port: 8080}",
		`1:12: unknown key "port"; the keys here are listen, path, sign_keys, sign_keys_file, sign_key, sign_key_file, ` +
			"sub_app_id, tls"},
	{"log_level: debug",
		`1:1: unknown key "log_level"; the keys here are vod, worker, confirm, handlers, inbox, dead_letters, callback, admin, log`},
	{"12: 5", `1:1: unknown key; the keys here are vod, worker, confirm, handlers, inbox, dead_letters, callback, admin, log`},
	{`"${V}": 5`, `1:1: unknown key; the keys here are vod, worker, confirm, handlers, inbox, dead_letters, callback, admin, log`},
}
