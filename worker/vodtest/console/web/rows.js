// Rows of events: each shows where its event is, and opens.

import { act, at, button, copy, element, getText, setText } from "./api.js";
import { openingRow, showFacts, showOpening } from "./list.js";
import { clock, count, indent, left, utc } from "./text.js";

const nearlyOver = 0.2; // of a window

const words = {
  waiting: () => "waiting", again: (n) => (n === 1 ? "missed once" : `missed ${n}×`), // so many windows
  flight: () => "in flight", late: () => "nearly over", confirmed: () => "confirmed", dropped: () => "dropped",
};

function stateOf(event, list, leftMs, windowMs) {
  if (list === "waiting") return event.Deliveries ? "again" : "waiting";
  if (list === "past") return event.How.toLowerCase();
  return leftMs < nearlyOver * windowMs ? "late" : "flight";
}

const rows = new Map(); // by event, in whatever list

// eventRow makes a row for an event. What changes it is told by update and tick.
function eventRow(event) {
  const badge = element("span", "badge");
  const times = element("span", "badge");
  times.dataset.state = "again";
  const end = element("time", "end");
  const row = openingRow({
    badges: [badge, times], title: event.Type || "(no type)",
    what: element("span", "", [event.Name, event.Status].filter(Boolean).join(" · ")), id: event.FileId, end,
  }, () => bodyOf(event));
  let now = event, list = "", windowMs = 1, endsAt = 0;
  row.dataset.type = event.Type;
  row.update = (e, name, ms) => {
    now = e;
    list = name;
    row.tell(now, list);
    windowMs = ms;
    endsAt = performance.now() + (e.LeftMs || 0);
    times.hidden = e.Deliveries < 2 || list === "waiting";
    setText(times, `${e.Deliveries}×`);
    times.title = count(e.Deliveries, "delivery", "deliveries");
    row.tick();
    const since = list === "inflight" ? "" : e.Ended || e.Sent;
    end.dateTime = end.title = since && utc(since);
    if (since) setText(end, clock(since));
  };
  row.tick = () => {
    const ms = Math.max(0, endsAt - performance.now());
    row.dataset.state = stateOf(now, list, ms, windowMs);
    setText(badge, words[row.dataset.state](now.Deliveries));
    row.fill(list === "inflight" ? Math.min(1, ms / windowMs) : undefined);
    if (list === "inflight") setText(end, left(ms));
  };
  return row;
}

// bodyOf is what an opened row shows: what there is no room for, what can be done, and the event itself.
function bodyOf(event) {
  const facts = element("dl", "facts"), json = element("pre");
  const of = { SubAppId: at.app, Number: event.Number };
  const expire = button("Expire now", () => act("expire", of, () => `The window of event ${of.Number} is over`));
  const confirm = button("Confirm now", () => act("confirm", of, () => `Event ${of.Number} is confirmed`));
  const body = element("div", "body", facts, element("p", "buttons",
    button("Copy JSON", () => copy(json.textContent, json)),
    button("Edit and send again", () => document.dispatchEvent(new CustomEvent("edit", { detail: json.textContent }))),
    expire, confirm), json);
  body.update = (e, list) => {
    showFacts(facts, [
      ["event", String(e.Number)], ["file", e.FileId], ["task", e.TaskId], ["handle", e.Handle],
      ["sent", `${clock(e.Sent)} (${utc(e.Sent)})`],
      [e.How?.toLowerCase(), e.Ended && `${clock(e.Ended)} (${utc(e.Ended)})`],
      ["pulled", e.Deliveries && count(e.Deliveries, "time")],
    ]);
    expire.hidden = list !== "inflight";
    confirm.hidden = list === "past";
  };
  let loaded = false;
  body.load = async () => {
    if (loaded) return;
    try {
      json.textContent = indent(await getText(`event?SubAppId=${of.SubAppId}&Number=${of.Number}`));
      loaded = true;
    } catch (error) {
      json.textContent = error.message;
    }
  };
  return body;
}

// showEvents shows lists of events by their names. Who has the focus may lose it.
export function showEvents(lists, windowMs) {
  showOpening(rows, lists, {
    idOf: (event) => `${at.app} ${event.Number} ${event.Sent}`, // numbers begin anew in another application, and after a reset
    make: eventRow,
    update: (row, event, list) => row.update(event, list, windowMs),
  });
}

setInterval(() => document.querySelectorAll("#inflight > li").forEach((row) => row.tick()), 500);
