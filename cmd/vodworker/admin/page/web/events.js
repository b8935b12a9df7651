// Rows of events: each shows what became of its event, and opens to its life.

import { $, button, call, copy, element, say, setExact, setText } from "/page/dom.js";
import { clock, count, indent, long, meanings, size, words } from "/page/text.js";

export function eventRow(first) {
  const badge = element("span", "badge"), times = element("span", "quiet"), end = element("span", "end");
  const name = element("span", "name"), id = element("code", "quiet"), error = element("span", "bad error");
  const summary = element("summary", "row", badge, element("b", "", first.type || "(no type)"), name, id, times, end, error);
  const details = element("details", "", summary);
  const row = element("li", "", details);
  let now = first, body = null;
  details.addEventListener("toggle", () => {
    if (!details.open) return;
    if (!body) details.append(body = bodyOf(first));
    body.load(now);
  });
  row.update = (e) => {
    const changed = e.last !== now.last || e.outcome !== now.outcome;
    now = e;
    row.dataset.outcome = e.outcome;
    setText(badge, words[e.outcome]);
    badge.title = meanings[e.outcome];
    setText(name, [e.name, e.status].filter(Boolean).join(" · "));
    setText(id, e.file || e.task || "");
    setText(times, e.seen > 1 ? `${e.seen}×` : "");
    times.title = count(e.seen, "delivery", "deliveries");
    setText(end, e.in_flight ? `${long(e.lease_left_ms)} left` : clock(e.last));
    setText(error, e.outcome === "confirmed" || e.outcome === "handled" ? "" : [e.handler, e.error || e.why].filter(Boolean).join(": "));
    if (details.open && changed) body.load(e);
  };
  return row;
}

// bodyOf is what an opened row shows: the whole life of its event.
function bodyOf(event) {
  const facts = element("dl", "facts"), past = element("ol", "past"), json = element("pre");
  const tools = element("p", "buttons", button("Copy payload", () => copy(json.textContent, json)));
  if (event.file) tools.append(button("All of this file", () => document.dispatchEvent(new CustomEvent("want", { detail: { outcome: "", handler: "", type: "", find: event.file } }))));
  const body = element("div", "body", facts, past, tools, json);
  body.load = async (e) => {
    try {
      const life = await call("/api/event?n=" + encodeURIComponent(e.n));
      facts.replaceChildren(...factsOf(life));
      past.replaceChildren(...life.deliveries.map(delivery));
      if (life.earlier) past.prepend(element("li", "quiet", `${count(life.earlier, "earlier delivery", "earlier deliveries")}, of which no more is kept`));
      setExact(json, life.payload ? indent(life.payload) : "The payload is not kept: there was no room.");
      tools.firstChild.disabled = !life.payload;
    } catch (error) {
      say(error.message, true);
    }
  };
  return body;
}

function factsOf(life) {
  const dropped = new Date(Date.parse(life.first) + 4 * 86400000);
  const open = ["failed", "left", "unconfirmed"].includes(life.outcome);
  const stored = !$("inbox-part").hidden
    && life.deliveries.some((d) => (d.handlers || []).some((r) => r.handler === "inbox" && r.outcome === "ok"));
  const rows = [
    ["Outcome", meanings[life.outcome] + (life.why ? `. ${life.why}` : "")],
    ["Seen", `${count(life.seen, "time")}, ${clock(life.first)} to ${clock(life.last)}`],
    ...(life.next || []).map((n) => [`Next try of ${n.handler}`, nextTry(life, n)]),
    open ? ["The end", `VOD drops it not later than ${clock(dropped)}: 4 days after it was first seen here`] : null,
    stored ? ["Inbox", `It is stored. What became of it: vodworker inbox show ${life.key}`] : null,
    ["Name", life.name], ["File", life.file], ["Task", life.task], ["Application", life.app === "0" ? "the default one" : life.app],
    ["Key", life.key + (life.repeats ? " (a second one of the same content may be another event)" : "")], ["Size", size(life.size)],
  ].filter((row) => row && row[1]);
  return rows.flatMap(([name, value]) => [element("dt", "", name), element("dd", "", value)]);
}

function nextTry(life, n) {
  const sitsOut = n.until && Date.parse(n.until) > Date.now();
  return (life.in_flight ? "in this delivery" : sitsOut ? `in a delivery after ${clock(n.until)}` : "with the next delivery, mostly within 30 s")
    + `; ${count(n.attempts, "failure")} ${n.attempts === 1 ? "counts" : "count"} against the event`;
}

function delivery(d) {
  const at = d.times > 1 ? `${clock(d.at)} to ${clock(d.until)}, ${count(d.times, "delivery", "deliveries")}` : clock(d.at);
  const item = element("li", "", element("b", "", at));
  if (d.left) item.append(element("span", "quiet", ` not run: ${d.left}`));
  if (d.waited_ms > 100) item.append(element("span", "quiet", ` waited ${long(d.waited_ms)}`));
  for (const r of d.handlers || []) {
    item.append(element("div", r.outcome === "ok" ? "" : "bad",
      `${r.handler}: ${r.outcome}, ${count(r.tries, "try", "tries")}, ${long(r.took_ms)}${r.error ? ": " + r.error : ""}`));
  }
  if (d.confirm) {
    item.append(element("div", d.confirm === "ok" ? "" : "bad", d.confirm === "ok"
      ? `confirmed, ${long(d.lease_left_ms || 0)} before the end of its lease` : `confirm failed: ${d.confirm}`));
  }
  return item;
}
