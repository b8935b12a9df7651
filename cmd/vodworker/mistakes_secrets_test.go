package main

// Secrets, which no message shows.
var mistakesSecrets = []mistake{
	{`handlers: [{name: p, exec: {command: [curl, -H, "X-Token: hunter2 ${UNSET}"]}}]`,
		"1:49: handlers[0].exec.command[2]: the environment variable UNSET is not set; set it, or give it a default as ${UNSET:-…}"},
	{"handlers: [{name: p, exec: {command: ./x.sh --pass=hunter2}}]",
		`1:38: handlers[0].exec.command is "./x.sh": there is no shell; write the program and each argument as an entry, ` +
			"such as [./on-event.sh, --verbose]"},
	{"vod: {credentials: {secret_id: AKID, secret_key: hunter2 hunter2}}",
		"1:50: vod.credentials.secret_key: there is a space or a letter in it that no key has; copy the key again"},
	{"vod: {credentials: {secret_id: AKID…, secret_key: hunter2}}",
		"1:32: vod.credentials.secret_id: there is a space or a letter in it that no key has; copy the key again"},
	{"vod: {credentials: {secret_id: AKID}}",
		"1:20: vod.credentials: secret_id and secret_key are both needed, and neither may be empty; or omit credentials " +
			"to have them looked for elsewhere"},
	{"vod: {credentials: {}}",
		"1:20: vod.credentials: secret_id and secret_key are both needed, and neither may be empty; or omit credentials " +
			"to have them looked for elsewhere"},
	{"vod: {credentials: {secret_id: '', secret_key: hunter2}}",
		"1:20: vod.credentials: secret_id and secret_key are both needed, and neither may be empty; or omit credentials " +
			"to have them looked for elsewhere"},
	{"vod: {credentials: {secret_id: AKID, secret_key:}}",
		"1:38: vod.credentials.secret_key: nothing stands behind it; write a value, or take the key out for the default"},
	{"vod: {credentials: {secret_id: AKID, secret_key: [hunter2]}}",
		"1:50: vod.credentials.secret_key: one value is needed, not a list; write secret_key: VALUE without - and [ ]"},
	{`vod: {credentials: {secret_id: AKID, secret_key: "'hunter2'"}}`,
		"1:50: vod.credentials.secret_key: quotes within quotes are a part of the value; write one pair"},
	{`vod: {credentials: {secret_id: AKID, secret_key: "${QUOTED}"}}`,
		"1:50: vod.credentials.secret_key: the variable has quotes around its value, and docker --env-file, for one, " +
			"keeps them; take them out there"},
	{"vod:\n  credentials:\n    secret_id: AKID\n    secret_key: |\n      hunter2",
		"4:17: vod.credentials.secret_key: a block ends with a line break; write the value behind its key, or |- instead " +
			"of |"},
	{`vod: {credentials: {secret_id: AKID, secret_key_file: "${NOFILE}"}}`,
		`1:55: vod.credentials.secret_key_file is "${NOFILE}": there is no such file; make it, or name another`},
	{`vod: {credentials: {secret_id: AKID, secret_key_file: "${FOLDER}"}}`,
		`1:55: vod.credentials.secret_key_file is "${FOLDER}": this is a folder; name the file in it`},
	{`vod: {credentials: {secret_id: AKID, secret_key_file: "${EMPTY}"}}`,
		`1:55: vod.credentials.secret_key_file is "${EMPTY}": the file is empty; put the secret into it`},
	{`vod: {credentials: {secret_id: AKID, secret_key_file: "${LARGE}"}}`,
		`1:55: vod.credentials.secret_key_file is "${LARGE}": it is too large to hold a secret; name the right file`},
	{`vod: {credentials: {secret_id: AKID, secret_key_file: "${LINES}"}}`,
		`1:55: vod.credentials.secret_key_file is "${LINES}": the file has more than one line; leave only the secret in ` +
			"it"},
	{`vod: {credentials: {secret_id: AKID, secret_key_file: "${SPACES}"}}`,
		`1:55: vod.credentials.secret_key_file is "${SPACES}": the file has white space around the secret; take it away`},
	{`vod: {credentials: {secret_id: AKID, secret_key_file: "${BINARY}"}}`,
		`1:55: vod.credentials.secret_key_file is "${BINARY}": the file is not UTF-8 text; save it as UTF-8`},
	{"vod: {credentials: {secret_id: AKID, secret_key_file: AKIDhunter2}}",
		"1:55: vod.credentials.secret_key_file: there is no such file; make it, or name another"},
	{`vod: {credentials: {secret_id: AKID, secret_key: a, secret_key_file: "${EMPTY}"}}`,
		`1:70: vod.credentials.secret_key_file is "${EMPTY}": vod.credentials.secret_key is given too; omit one of them`},
	{"vod: {credentials: {secret_id: AKID, secret_key_file: ''}}",
		"1:20: vod.credentials: secret_id and secret_key are both needed, and neither may be empty; or omit credentials " +
			"to have them looked for elsewhere"},
	{"vod: {credentials: {secret_id: AKID, secret_key: a, tokn: hunter2}}",
		`1:53: unknown key "tokn"; the nearest is "token"`},
	{"callback: {sign_key: hunter-2}",
		"1:22: callback.sign_key: VOD's keys are of up to 32 letters and digits; copy the SignKey of the console"},
	{"callback: {sign_keys: [a, '']}", "1:27: callback.sign_keys[1]: it is empty; write the key, or take the entry out"},
	{"callback: {sign_keys: [a, a]}",
		"1:27: callback.sign_keys[1]: VOD has one key; a second one is for the time while it is being changed, and must " +
			"be another"},
	{"callback: {sign_keys: [a, b, c]}",
		"1:30: callback.sign_keys[2]: VOD has one key; a second one is for the time while it is being changed, and must " +
			"be another"},
	{"callback: {sign_key: a, sign_keys: [b]}", "1:22: callback.sign_key: callback.sign_keys is given too; omit one of them"},
	{`callback: {sign_keys_file: ["${NOFILE}"]}`,
		`1:29: callback.sign_keys_file[0] is "${NOFILE}": there is no such file; make it, or name another`},
	{`callback: {sign_key: "${UNSET}"}`,
		"1:22: callback.sign_key: the environment variable UNSET is not set; set it, or give it a default as ${UNSET:-…}"},
}
