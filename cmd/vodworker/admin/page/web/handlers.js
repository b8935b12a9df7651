// Rows of handlers and applications.

import { element, setText } from "/page/dom.js";
import { clock, long, number, size } from "/page/text.js";

export function handlerRow(h) {
  const badge = element("span", "badge"), what = element("div", "quiet"), done = element("div"), down = element("div", "bad"), error = element("div", "bad");
  const failed = element("a", "", "its failing events");
  failed.href = "/?" + new URLSearchParams({ outcome: "failed", handler: h.name });
  failed.addEventListener("click", (event) => {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("want", { detail: { outcome: "failed", handler: h.name, type: "", find: "" } }));
  });
  const row = element("li", "card", element("div", "row", badge, element("b", "", h.name), element("span", "end", failed)), what, done, down, error);
  row.dataset.handler = h.name;
  row.update = (h) => {
    failed.hidden = h.behind;
    const isDown = Boolean(h.down?.length);
    row.dataset.outcome = isDown ? "failed" : "confirmed";
    setText(badge, isDown ? "down" : "up");
    setText(what, `${h.place} · ${h.events.length ? h.events.join(", ") : "all events"}`);
    const outcomes = Object.entries(h.outcomes).sort().map(([kind, n]) => `${number(n)} ${kind}`);
    setText(done, outcomes.length ? `${outcomes.join(", ")} · ${long(h.mean_ms)} each${h.last_ok ? ` · last ok ${clock(h.last_ok)}` : ""}` : "not run yet");
    setText(down, (h.down || []).map((d) => `Down since ${clock(d.since)}${["default", ""].includes(d.app) ? "" : ` for ${d.app}`}; next probe ${
      d.next_probe && Date.parse(d.next_probe) > Date.now() ? "at " + clock(d.next_probe) : "with the next event"}. `).join(""));
    setText(error, h.last_error ? `Last error, ${clock(h.last_fail)}: ${h.last_error}` : "");
  };
  return row;
}

export function applicationRow(a) {
  const facts = element("div", "quiet"), state = element("span", "badge");
  const row = element("li", "card", element("div", "row", state, element("b", "", a.name)), facts);
  row.update = (a) => {
    row.dataset.outcome = a.state === "running" ? "confirmed" : "";
    setText(state, a.state);
    setText(facts, [`${a.waiting} waiting`, `${a.handling} handling`, a.stuck && `${a.stuck} stuck`, a.writing && `${a.writing} writing`,
      `${a.confirming} confirming`, size(a.bytes), a.lease_left_ms && `first lease ends in ${long(a.lease_left_ms)}`,
      a.last_poll ? `last poll ${clock(a.last_poll)}` : "no poll yet"].filter(Boolean).join(" · "));
  };
  return row;
}

