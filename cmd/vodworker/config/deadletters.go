package config

func (c *Config) validateDeadLetters() {
	d := c.DeadLetters
	if d.Attempts < 0 || d.Attempts > mostAttempts {
		c.bad("dead_letters.attempts", "it must be from 0 to %d; 5 is the default", mostAttempts)
	}
	switch {
	case d.After < 0:
		c.bad("dead_letters.after", "it must not be negative; 0s is the default, 72h")
	case c.Inbox.On() && d.After > mostAfter:
		c.bad("dead_letters.after", "it must be at most %v, 30 days; write 72h, or more for outages that last longer", mostAfter)
	case !c.Inbox.On() && d.After >= keptByVOD:
		c.bad("dead_letters.after", "it must be less than 96h, since VOD drops an event after 4 days; write 72h")
	}
	if place := d.key(); place != "" && c.Inbox.On() {
		c.source.note("dead_letters."+place, "with an inbox dead letters lie in that; omit %s, or inbox.url", place)
		return
	}
	if c.DeadLetters.Stdout != nil {
		c.source.note("dead_letters.stdout", "letters need a place that keeps them, which stdout does not; write dir: FOLDER")
		return
	}
	switch places, _ := d.given(); {
	case len(places) > 1:
		c.source.note("dead_letters."+places[1], "dead letters have two places, %s and %s; keep one", places[0], places[1])
	case len(places) == 1 && d.Dir != "":
		c.source.note("dead_letters."+places[0], "dead letters have two places, dir and %s; keep one", places[0])
	case d.Webhook != nil && d.Webhook.Format != "" || d.Broker() != nil && d.Broker().Format != "":
		c.bad("dead_letters."+d.Kind()+".format", "letters have a form of their own; omit format")
	default:
		c.validateOptions(d.Place, "dead_letters")
	}
	if c.Worker.Unmatched == unmatchedDeadLetter && !d.On() && !c.Inbox.On() {
		c.bad("worker.unmatched", "there is no place for dead letters; set dead_letters.dir")
	}
}

// key returns the key of where letters lie, such as dir or webhook; "" if there is none.
func (d DeadLetters) key() string {
	if d.Dir != "" {
		return "dir"
	}
	return d.Kind()
}
