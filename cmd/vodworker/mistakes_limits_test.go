package main

// Values beyond what VOD, a worker or the sense of a key allows.
var mistakesLimits = []mistake{
	{"vod: {endpoint: 'https://vod.tencentcloudapi.com', window: 24h}",
		`1:60: vod.window is "24h": VOD waits for 30s, and hands an event out again after that; write 30s, only an ` +
			"emulator has more"},
	{"vod: {window: 31s}",
		`1:15: vod.window is "31s": VOD waits for 30s, and hands an event out again after that; write 30s, only an ` +
			"emulator has more"},
	{"vod: {endpoint: 'http://127.0.0.1:1', window: 97h}",
		`1:47: vod.window is "97h": it must be positive, and at most 96h; no event is kept for longer`},
	{"vod: {endpoint: 'http://127.0.0.1:1', window: 1s}",
		`1:47: vod.window is "1s": it leaves no time for handling; give the emulator a window of 2.5s or more`},
	{"confirm: {margin: 30s}",
		`1:19: confirm.margin is "30s": of the window of 30s it leaves no time for handling; write 0s for a sixth of the ` +
			"window"},
	{"confirm: {margin: 29s}",
		`1:19: confirm.margin is "29s": of the window of 30s it leaves too little time for handling, 1s; write a smaller ` +
			"margin, 0s for a sixth of the window"},
	{"confirm: {margin: -1s}", `1:19: confirm.margin is "-1s": it must not be negative; 0s is a sixth of the window`},
	{"confirm: {linger: 0s}", `1:19: confirm.linger is "0s": it must be positive; 1ms is next to none`},
	{"confirm: {linger: 1m}",
		`1:19: confirm.linger is "1m": it must be less than the handling time, 25s; write the default, 100ms`},
	{"handlers: [{name: p, timeout: 60s, stdout: {}}]",
		`1:31: handlers[0].timeout is "60s": handling ends after 25s anyway (the window less the margin); write 25s or ` +
			"less, or set inbox.url"},
	{"confirm: {margin: 10s}\nhandlers: [{name: p, timeout: 25s, stdout: {}}]",
		`2:31: handlers[0].timeout is "25s": handling ends after 20s anyway (the window less the margin); write 20s or ` +
			"less, or set inbox.url"},
	{"handlers: [{name: p, timeout: -1s, stdout: {}}]",
		`1:31: handlers[0].timeout is "-1s": it must not be negative; 0s is until the handling time ends`},
	{"handlers: [{name: p, retry: {tries: 1000}, stdout: {}}]",
		`1:37: handlers[0].retry.tries is "1000": it must be from 1 to 100; 3 is the default`},
	{"handlers: [{name: p, retry: {tries: -1}, stdout: {}}]",
		`1:37: handlers[0].retry.tries is "-1": it must be from 1 to 100; 3 is the default`},
	{"handlers: [{name: p, retry: {tries: 0}, stdout: {}}]",
		`1:37: handlers[0].retry.tries is "0": it must be from 1 to 100; 1 is no second try`},
	{"handlers: [{name: p, retry: {initial: 5s, max: 1s}, stdout: {}}]",
		`1:48: handlers[0].retry.max is "1s": the longest pause is shorter than the first one, initial; make it longer`},
	{"handlers: [{name: p, retry: {max: 10ms}, stdout: {}}]",
		`1:35: handlers[0].retry.max is "10ms": the longest pause is shorter than the first one, initial; make it longer`},
	{"handlers: [{name: p, retry: {initial: 1m, max: 1m}, stdout: {}}]",
		`1:39: handlers[0].retry.initial is "1m": handling ends after 25s, before a second try; write less`},
	{"handlers: [{name: p, retry: {initial: -1s}, stdout: {}}]",
		`1:39: handlers[0].retry.initial is "-1s": it must not be negative; 200ms is the default`},
	{"dead_letters: {attempts: -1}", `1:26: dead_letters.attempts is "-1": it must be from 0 to 1000; 5 is the default`},
	{"dead_letters: {attempts: 100000}",
		`1:26: dead_letters.attempts is "100000": it must be from 0 to 1000; 5 is the default`},
	{"dead_letters: {after: 96h}",
		`1:23: dead_letters.after is "96h": it must be less than 96h, since VOD drops an event after 4 days; write 72h`},
	{"dead_letters: {after: -1s}", `1:23: dead_letters.after is "-1s": it must not be negative; 0s is the default, 72h`},
	{"dead_letters: {dir: a, file: {path: b}}", "1:30: dead letters have two places, dir and file; keep one"},
	{"dead_letters: {stdout: {}}", "1:24: letters need a place that keeps them, which stdout does not; write dir: FOLDER"},
	{"dead_letters: {webhook: {url: 'http://a', format: cloudevents}}",
		`1:51: dead_letters.webhook.format is "cloudevents": letters have a form of their own; omit format`},
	{"dead_letters: {file: {}}", "1:22: dead_letters.file.path: it is missing; name a file"},
	{"dead_letters: {exec: {command: []}, file: {path: a}}", "1:22: dead letters have two places, file and exec; keep one"},
}
