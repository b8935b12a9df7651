package main

// The receiver of callbacks.
var mistakesCallback = []mistake{
	{"callback: {listen: 8080}", `1:20: callback.listen is "8080": the colon in front of the port is missing; write :8080`},
	{"callback: {listen: ':http'}",
		`1:20: callback.listen is ":http": the port must be a number from 0 to 65535; write one such as :8080`},
	{"callback: {listen: ':99999'}",
		`1:20: callback.listen is ":99999": the port must be a number from 0 to 65535; write one such as :8080`},
	{"callback: {listen: 127.0.0.1}",
		`1:20: callback.listen is "127.0.0.1": the port is missing; write one behind it, such as :8080`},
	{"callback: {listen: 'http://127.0.0.1:8080'}",
		`1:20: callback.listen is "http://127.0.0.1:8080": it is an address, not a URL; write :8080 or 127.0.0.1:8080`},
	{"callback: {listen: ':8080/vod'}",
		`1:20: callback.listen is ":8080/vod": it has a path; write only the address here, such as :8080, and the path ` +
			"into callback.path"},
	{"callback: {listen: '::1:8080'}",
		`1:20: callback.listen is "::1:8080": an IPv6 address stands in brackets; write one such as [::1]:8080`},
	{"callback: {listen: '127.0.0.1:'}",
		`1:20: callback.listen is "127.0.0.1:": the port must be a number from 0 to 65535; write one such as :8080`},
	{"callback: {path: vod}", `1:18: callback.path: it must begin with a slash; write / or /vod`},
	{"callback: {path: 'https://example.com/vod'}",
		`1:18: callback.path is "https://example.com/…": it is the path of the URL alone; write it without scheme and ` +
			"host, such as /vod"},
	{"callback: {path: '/vod?a=b'}",
		`1:18: callback.path is "/…": a path has no ?, #, % or space in it; write one such as /vod`},
	{"callback: {tls: {cert_file: a.pem}}",
		"1:17: callback.tls.key_file: it is missing; name the file of the certificate's key too"},
	{"callback: {tls: {key_file: a.pem}}",
		"1:17: callback.tls.cert_file: it is missing; name the file of the certificate too"},
	{"callback: {sub_app_id: -1}",
		`1:24: callback.sub_app_id is "-1": it must be a whole number that is not negative; write it without -`},
	{"callback: {sub_app_id: [1]}",
		"1:24: callback.sub_app_id: one value is needed, not a list; write sub_app_id: VALUE without - and [ ]"},
}
