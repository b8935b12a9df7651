// Package fidelity is the emulator's account of itself: what it does, line by line, and how it is known what VOD does there.
package fidelity

import "slices"

// A Row is one thing that the emulator does, or lacks.
type Row struct {
	Subject string // an action, a flag of the emulate command, a type of event, or a part of the API
	What    string // what the emulator does
	Basis   string // documented, inferred or guessed
	Source  string // where it is documented, or what it is inferred from; empty for guesses
}

// Rows returns the account, subject by subject. What VOD documents is documented. What follows from that, from samples, or from a
// service that VOD is built on, is inferred. What had to be chosen, since nothing is said, is guessed. Where a row says that the
// emulator lacks something, or does it otherwise, its basis is how it is known of VOD.
//
// A Source is the number of a document, at https://cloud.tencent.com/document/product/ or, if it begins with intl, at
// https://www.tencentcloud.com/document/product/; or it is SDK, for the comments of the official SDK.
func Rows() []Row { return slices.Concat(ofTheAPI, ofEvents, ofTasks, ofMedia, ofFaults, ofGo) }

func of(subject string, rows ...Row) []Row {
	for i := range rows {
		rows[i].Subject = subject
	}
	return rows
}

func documented(source, what string) Row { return Row{What: what, Basis: "documented", Source: source} }

func inferred(from, what string) Row { return Row{What: what, Basis: "inferred", Source: from} }

func guessed(what string) Row { return Row{What: what, Basis: "guessed"} }
