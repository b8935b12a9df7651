// Rows of events: each shows where its event is, and opens.

import { $, act, at, button, copy, element, getText, setText } from "./api.js";
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

// eventRow makes a row for an event of one of the lists waiting, inflight and past. What changes it is told by update and tick.
function eventRow(event, list) {
  const badge = element("span", "badge");
  const times = element("span", "badge");
  times.dataset.state = "again";
  const end = element("time", "end");
  const fill = element("span");
  const bar = element("span", "bar", fill);
  bar.setAttribute("aria-hidden", "true");
  const body = element("div", "body");
  const summary = element("summary", "row",
    element("span", "state", badge, times),
    element("b", "", event.Type || "(no type)"),
    element("span", "what",
      element("span", "", [event.Name, event.Status].filter(Boolean).join(" · ")),
      element("code", "", event.FileId)),
    end, list === "inflight" ? bar : "");
  const details = element("details", "", summary, body);
  const row = element("li", "", details);
  let now = event, windowMs = 1, endsAt = 0;
  details.addEventListener("toggle", () => details.open && showBody(now, list, body));
  row.dataset.type = event.Type;
  row.update = (e, ms) => {
    const isOther = e.Deliveries !== now.Deliveries;
    now = e;
    if (isOther && details.open) showBody(now, list, body);
    windowMs = ms;
    endsAt = performance.now() + (e.LeftMs || 0);
    times.hidden = e.Deliveries < 2 || list === "waiting";
    setText(times, `${e.Deliveries}×`);
    times.title = count(e.Deliveries, "delivery", "deliveries");
    row.tick();
    if (list === "inflight") return;
    const at = e.Ended || e.Sent;
    setText(end, clock(at));
    end.dateTime = end.title = utc(at);
  };
  row.tick = () => {
    const ms = Math.max(0, endsAt - performance.now());
    row.dataset.state = stateOf(now, list, ms, windowMs);
    setText(badge, words[row.dataset.state](now.Deliveries));
    if (list !== "inflight") return;
    setText(end, left(ms));
    fill.style.transform = `scaleX(${Math.min(1, ms / windowMs)})`;
  };
  row.matches = ({ type, text }) => (!type || event.Type === type) &&
    (!text || [event.FileId, event.TaskId, event.Name].some((part) => part?.toLowerCase().includes(text)));
  return row;
}

// showBody fills an opened row: what there is no room for, what can be done, and the event itself.
async function showBody(event, list, into) {
  const facts = element("dl", "facts");
  for (const [name, value] of [
    ["event", String(event.Number)], ["file", event.FileId], ["task", event.TaskId], ["handle", event.Handle],
    ["sent", `${clock(event.Sent)} (${utc(event.Sent)})`],
    [event.How?.toLowerCase(), event.Ended && `${clock(event.Ended)} (${utc(event.Ended)})`],
    ["pulled", event.Deliveries && count(event.Deliveries, "time")],
  ]) {
    if (value) facts.append(element("dt", "", name), element("dd", "", value));
  }
  const json = element("pre");
  const of = { SubAppId: at.app, Number: event.Number };
  into.replaceChildren(facts, element("p", "buttons",
    button("Copy JSON", () => copy(json.textContent, json)),
    button("Edit and send again", () => document.dispatchEvent(new CustomEvent("edit", { detail: json.textContent }))),
    list === "inflight" ? button("Expire now", () => act("expire", of, () => `The window of event ${of.Number} is over`)) : "",
    list !== "past" ? button("Confirm now", () => act("confirm", of, () => `Event ${of.Number} is confirmed`)) : ""), json);
  try {
    json.textContent = indent(await getText(`event?SubAppId=${of.SubAppId}&Number=${of.Number}`));
  } catch (error) {
    json.textContent = error.message;
  }
}

// showEvents keeps the rows of events that are still there, so that what is open stays open.
export function showEvents(name, events, windowMs) {
  const list = $(name);
  const old = new Map(Array.from(list.children, (row) => [row.event, row]));
  events.forEach((event, i) => {
    const id = `${at.app} ${event.Number} ${event.Sent}`; // numbers begin anew in another application, and after a reset
    const row = old.get(id) || eventRow(event, name);
    row.event = id;
    old.delete(id);
    row.update(event, windowMs);
    if (list.children[i] !== row) list.insertBefore(row, list.children[i] || null);
  });
  old.forEach((row) => row.remove());
}

setInterval(() => document.querySelectorAll("#inflight > li").forEach((row) => row.tick()), 500);
