package page

// maxSpare is how many lives wait to be used again: about as many as are in flight. Each has up to smallBody of memory.
const maxSpare = 64

// reuse has a life that was dropped be used again, and reports whether: if nobody has it any more. Most are seen once and
// confirmed: without this each event would make as much garbage as it is large.
func (h *History) reuse(l *life) bool {
	free := h.lookers == 0 && l.seen == 1 && l.outcome == Confirmed && cap(l.body) <= smallBody && len(h.spare) < maxSpare
	if free {
		*l = life{kind: l.kind, body: l.body[:0]}
		h.spare = append(h.spare, l)
	}
	return free
}

func (h *History) newLife() *life {
	n := len(h.spare) - 1
	if n < 0 {
		return &life{}
	}
	l := h.spare[n]
	h.spare[n] = nil
	h.spare = h.spare[:n]
	return l
}

// look keeps lives as they are, though they may be told of more, until done is called: without the lock they can be read.
func (h *History) look() (done func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lookers++
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.lookers--
	}
}
