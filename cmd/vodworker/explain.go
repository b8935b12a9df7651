package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/admin/page"
	"github.com/vodworker/vodworker/cmd/vodworker/show"
)

const (
	explainLimit = 10 * time.Second
	maxAnswer    = 64 << 20           // bytes: the 8 MiB that a worker keeps, where each is escaped
	vodKeeps     = 4 * 24 * time.Hour // an event that is not confirmed
)

var errNobodyAnswers = errors.New("no worker answers there; is one running, with run or receive?")

func explainCommand(a *app) *cobra.Command {
	var at, tokenFile string
	cmd := &cobra.Command{
		Use:   "explain FILEID|TASKID",
		Short: "Say what became of an event in a running worker",
		Long: `Ask a worker that runs, on admin.listen, what it knows of the events of a file or a task: how often it has
seen each, which handler failed it with what, and when it is tried next. It speaks for that one replica,
since its start; but of an inbox it tells all that lies in it, whoever stored it.
Exit code 0: it knows some; 1: it knows none; 69: nobody answers there.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return usageError{errors.New("name one FileId or TaskId")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			base, token, err := a.operators(at, tokenFile)
			if err != nil {
				return err
			}
			known, err := askExplanation(cmd.Context(), base, token, args[0])
			if err != nil {
				return err
			}
			if _, err := io.WriteString(a.stdout, explanation(args[0], known)); err != nil {
				return err
			}
			if len(known.Events)+len(known.Inbox) == 0 {
				return exitError{exitUnexpected}
			}
			return nil
		},
	}
	addConfigFlag(cmd, a)
	cmd.Flags().StringVar(&at, "admin", "", "`URL` of the worker, such as http://127.0.0.1:9464; by default as admin.listen says")
	cmd.Flags().StringVar(&tokenFile, "token-file", "", "`FILE` that holds its admin.token; by default as configured")
	return cmd
}

// operators says where a worker shows itself, and with what token: as flags say, else as configured.
func (a *app) operators(at, tokenFile string) (base, token string, err error) {
	if tokenFile != "" {
		if token, err = readSecret(tokenFile); err != nil {
			return "", "", usageError{fmt.Errorf("--token-file: %w", err)}
		}
	}
	if at != "" {
		to, err := url.Parse(at)
		if err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Host == "" || to.User != nil {
			return "", "", usageError{errors.New("--admin: it must be a URL such as http://127.0.0.1:9464")}
		}
		return strings.TrimSuffix(at, "/"), token, nil
	}
	if err := a.hasConfig(); err != nil {
		return "", "", err
	}
	config, err := loadWithoutHandlers(a.configFile)
	if err != nil {
		return "", "", err
	}
	host, port, err := net.SplitHostPort(config.Admin.Listen)
	if err != nil || port == "0" {
		return "", "", usageError{fmt.Errorf("admin.listen is %q, which names no port to ask at; say where with --admin URL", config.Admin.Listen)}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port), cmp.Or(token, config.Admin.Token), nil
}

func askExplanation(ctx context.Context, base, token, id string) (known page.Explanation, err error) {
	ctx, cancel := context.WithTimeout(ctx, explainLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/explain?id="+url.QueryEscape(id), nil)
	if err != nil {
		return known, usageError{err}
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }} // it would take the token along
	response, err := client.Do(request)
	if err != nil {
		return known, fmt.Errorf("%w: %w", errNobodyAnswers, err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		if err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&known); err != nil {
			return known, fmt.Errorf("%s: this is no answer of a worker: %w", base, err)
		}
		return known, nil
	case http.StatusUnauthorized:
		return known, usageError{fmt.Errorf("%s: the worker has another admin.token; name the right one with --token-file FILE", base)}
	}
	why, _ := io.ReadAll(io.LimitReader(response.Body, 1000))
	err = fmt.Errorf("%s: %s", base, show.Plain(response.Status+": "+response.Header.Get("Location")+" "+string(why)))
	if response.StatusCode >= http.StatusInternalServerError {
		return known, fmt.Errorf("%w: %w", errNobodyAnswers, err)
	}
	return known, usageError{err}
}

// explanation says it to people.
func explanation(id string, known page.Explanation) string {
	var out strings.Builder
	say := func(indent, format string, args ...any) {
		fmt.Fprintln(&out, indent+show.Plain(fmt.Sprintf(format, args...)))
	}
	for _, e := range known.Events {
		say("", "%s", strings.Join(append([]string{cmp.Or(e.Type, "an event without a type")}, about(e)...), ", "))
		say("  ", "%s; seen %s, %s to %s", outcomeText(e), times(e.Seen), when(e.First), when(e.Last))
		if e.Earlier > 0 {
			say("  ", "%s before these are not kept", times(e.Earlier))
		}
		for _, d := range e.Deliveries {
			for _, line := range deliveryLines(d) {
				say("  ", "%s  %s", when(d.At), line)
			}
		}
		for _, n := range e.Next {
			say("  ", "next try of %s: %s; %s against the event", n.Handler, nextText(e, n, known.Now), count(n.Attempts, "failure counts", "failures count"))
		}
		if len(e.Next) > 0 || e.Outcome == page.Left || e.Outcome == page.Unconfirmed {
			say("  ", "VOD drops it not later than %s: 4 days after it was first seen here", when(e.First.Add(vodKeeps)))
		}
	}
	for _, line := range inboxLines(known) {
		text := strings.TrimLeft(line, " ")
		say(strings.TrimSuffix(line, text), "%s", text)
	}
	if len(known.Events)+len(known.Inbox) == 0 {
		say("", "%s is not known here.", id)
	}
	alone := "It speaks for itself alone."
	if len(known.Inbox) > 0 {
		alone = "It speaks for itself alone; the inbox is that of all which have it in common."
	}
	say("", "This is what the replica %s knows since it started, %s. %s", known.Replica.Replica, when(known.Started), alone)
	return out.String()
}
