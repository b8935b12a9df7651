package main

// where begins a configuration whose one condition goes on.
const where = "worker: {unmatched: leave}\nhandlers: [{name: p, stdout: {}, where: {json: "

// Conditions on the content of events.
var mistakesWhere = []mistake{
	{"handlers: [{name: p, events: [FileDeleted], stdout: {}, where: {json: EventType, in: a}}]",
		"1:64: handlers[0].where: each handler of FileDeleted has a where, and what they all refuse would be confirmed unseen; write " +
			"worker.unmatched: confirm if that is meant, leave to keep it in the queue for other programs, for 4 days, or " +
			"dead_letter to keep it as a letter"},
	{where + "ProcedureStateChangeEvent.ErrCod, not_in: 0}}]",
		`2:48: handlers[0].where[0].json is "ProcedureStateChangeEvent.ErrCod": ProcedureStateChangeEvent has no such field; ` +
			"the nearest is ProcedureStateChangeEvent.ErrCode"},
	{where + "ErrCode, not_in: 0}}]", `2:48: handlers[0].where[0].json is "ErrCode": an event has no such field, but its payload has; ` +
		"write ProcedureStateChangeEvent.ErrCode"},
	{where + "ProcedureStateChangeEvent.SessionContext.env, in: a}}]",
		`2:48: handlers[0].where[0].json is "ProcedureStateChangeEvent.SessionContext.env": ProcedureStateChangeEvent.SessionContext ` +
			"is a text, which has no fields; write ProcedureStateChangeEvent.SessionContext.@fromstr.env if there is JSON in it"},
	{where + "ProcedureStateChangeEvent.ErrCode, in: [0, success]}}]",
		`2:91: handlers[0].where[0].in[1] is "success": a number stands there; write one, such as 0`},
	{where + "$.EventType, in: a}}]", `2:48: handlers[0].where[0].json is "$.EventType": this is JSONPath; write the names alone with ` +
		"dots between them, as gjson takes them"},
	{where + "EventType}}]", "2:41: handlers[0].where[0]: it does not say what to look for; write one of in: [VALUE], not_in: [VALUE], " +
		"prefix: TEXT, exists: true"},
	{where + "EventType, in: a, not_in: b}}]", `2:74: handlers[0].where[0].not_in is "b": in is given too; keep one, since a condition asks one question`},
	{where + "EventType, exists: yes}}]", `2:67: handlers[0].where[0].exists is "yes": it must be true or false`},
	{where + "EventType, in: []}}]", "2:63: handlers[0].where[0].in: the list is empty; write a value"},
	{where + `"${TEXT}", in: 0}}]`, `2:48: handlers[0].where[0].json is "${TEXT}": with the variable in it, it is no path that ` +
		"there is; change the variable"},
	{"handlers: [{name: p, stdout: {}, where: {ErrCode: 0}}]",
		`1:42: unknown key "ErrCode"; the keys here are json, in, not_in, prefix, exists`},
	{"handlers: [{name: p, stdout: {}, where: {path: EventType, in: a}}]",
		`1:42: unknown key "path"; the keys here are json, in, not_in, prefix, exists`},
	{"handlers: [{name: p, stdout: {}, where: failed}]",
		"1:41: handlers[0].where[0] must hold keys; write {json: VALUE}, or json: VALUE on a line below"},
}
