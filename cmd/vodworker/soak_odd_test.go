package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
)

// An oddAnswer is one that VOD can't have given. It is given instead of a call, or after one that has taken effect; real is
// the right answer then.
type oddAnswer struct {
	name  string
	write func(a *soakAPI, w http.ResponseWriter, real []byte)
}

// An oddCard is an odd answer to be dealt from a deck: all of them are soon met.
type oddCard struct {
	oddAnswer
	after bool // it took effect
}

var oddAnswers = []oddAnswer{
	{"null", says(`null`)},
	{"list", says(`[]`)},
	{"object", says(`{}`)},
	{"text", says(`"confirmed"`)},
	{"no JSON", says(`OK`)},
	{"HTML", saysHTML},
	{"empty Response", says(`{"Response":{}}`)},
	{"Response null", says(`{"Response":null}`)},
	{"Error without a code", says(`{"Response":{"Error":{"Message":"it failed"},"RequestId":"odd"}}`)},
	{"redirect", leadsAway},
	{"gzip", zips},
}

// unsentEvent is an event that nobody has sent: it is not to be posted.
const unsentEvent = `{"EventType":"FileDeleted","FileDeleteEvent":{"FileIdSet":["unsent"]}}`

var oddSets = []oddAnswer{
	{"EventSet of null", says(`{"Response":{"EventSet":[null],"RequestId":"odd"}}`)},
	{"EventSet of a text", says(`{"Response":{"EventSet":["event"],"RequestId":"odd"}}`)},
	{"EventSet is a text", says(`{"Response":{"EventSet":"events","RequestId":"odd"}}`)},
	{"EventSet without handles", says(`{"Response":{"EventSet":[` + unsentEvent + `,{}],"RequestId":"odd"}}`)},
}

// Among odd elements the right ones count, so the ledger is told of those.
var oddMixture = oddAnswer{"EventSet mixed", func(_ *soakAPI, w http.ResponseWriter, real []byte) {
	const set = `"EventSet":[{`
	send(w, strings.Replace(string(real), set, `"EventSet":[null,"event",7,[],`+unsentEvent+`,{`, 1))
}}

// oddCards returns a card for each odd answer of an action, for each time at which it can be given.
func oddCards(action string) (cards []oddCard) {
	answers := oddAnswers
	if action == "PullEvents" {
		answers = append(answers[:len(answers):len(answers)], oddSets...)
		cards = append(cards, oddCard{oddMixture, true})
	}
	for _, answer := range answers {
		cards = append(cards, oddCard{answer, false}, oddCard{answer, true})
	}
	return cards
}

// title is what a card is counted as.
func (c oddCard) title(action string) string {
	if c.after {
		return fmt.Sprintf("faults after:odd, %s: %s", action, c.name)
	}
	return fmt.Sprintf("faults odd, %s: %s", action, c.name)
}

func send(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(body)) // there is nobody to tell if the client has left
}

func says(body string) func(*soakAPI, http.ResponseWriter, []byte) {
	return func(_ *soakAPI, w http.ResponseWriter, _ []byte) { send(w, body) }
}

func saysHTML(_ *soakAPI, w http.ResponseWriter, _ []byte) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = w.Write([]byte("<!DOCTYPE html><title>Sign in</title><p>Welcome to this network."))
}

func leadsAway(a *soakAPI, w http.ResponseWriter, _ []byte) {
	statuses := []int{301, 302, 303, 307, 308}
	w.Header().Set("Location", a.elsewhere+"/?from=vod")
	w.WriteHeader(statuses[a.dice.index(len(statuses))])
}

func zips(_ *soakAPI, w http.ResponseWriter, real []byte) {
	var packed bytes.Buffer
	to := gzip.NewWriter(&packed)
	_, _ = to.Write(real) // a buffer takes everything
	_ = to.Close()
	w.Header().Set("Content-Encoding", "gzip")
	send(w, packed.String())
}

// elsewhere is where a redirect leads. Nobody is to follow it, or to take what it says for VOD's word.
func elsewhere(l *ledger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.complain(nil, "%s has followed a redirect of %s; with the token: %v",
			r.Header.Get("X-TC-Region"), r.Header.Get("X-TC-Action"), r.Header.Get("X-TC-Token") != "")
		event := strings.Replace(unsentEvent, "{", `{"EventHandle":"elsewhere",`, 1)
		send(w, `{"Response":{"EventSet":[`+event+`],"RequestId":"elsewhere"}}`)
	})
}
