// The page: it asks for the state each second, and shows it. See dom.js for what is safe to show.

import { $, call, element, say, setText, showChoices, showRows } from "/page/dom.js";
import { eventRow } from "/page/events.js";
import { applicationRow, handlerRow } from "/page/handlers.js";
import { showInbox } from "/page/inbox.js";
import { showLetters } from "/page/letters.js";
import { clock, count, long, meanings, number, words } from "/page/text.js";

const order = Object.keys(words);
const fields = ["outcome", "handler", "type", "find"];
let busy = false, lost = false, timer = 0, typing = 0, limit = 100;

// wanted is the filter, which the URL has: it can be sent to somebody, and Back works.
const wanted = () => Object.fromEntries(fields.map((name) => [name, new URLSearchParams(location.search).get(name) || ""]));

function want(change) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...wanted(), ...change })) if (value) query.set(name, value);
  limit = 100;
  history.pushState(null, "", "/" + (query.size ? "?" + query : ""));
  refresh();
}

function link(text, className, filter) {
  const a = element("a", className, ...text);
  const query = new URLSearchParams(filter);
  a.href = "/" + (query.size ? "?" + query : "");
  a.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    want({ outcome: "", handler: "", type: "", find: "", ...filter });
  });
  return a;
}

function showVerdict(s) {
  const well = !s.verdict.length;
  $("verdict").dataset.state = well ? "well" : "wrong";
  const line = (t) => `${t.text}${t.once ? ": the last at" : ", since"} ${clock(t.since)}`;
  setText($("verdict-text"), well ? "All well" : line(s.verdict[0]));
  showRows($("troubles"), s.verdict.slice(1), line, () => Object.assign(element("li"), { update(t) { setText(this, line(t)); } }));
  const title = (well ? "✓ " : "✗ ") + s.replica + " · vodworker";
  if (document.title !== title) document.title = title;
  const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${well ? "#1f7a3d" : "#b3261e"}"/></svg>`;
  const href = "data:image/svg+xml," + encodeURIComponent(icon);
  if ($("icon").getAttribute("href") !== href) $("icon").setAttribute("href", href);
}

function showCounts(s) {
  const some = order.filter((o) => ["failed", "in_flight"].includes(o) || s.kept[o] || s.totals[o]);
  showRows($("counts"), some, (o) => o, (o) => {
    const n = element("b"), all = element("small");
    const a = link([n, element("span", "", words[o]), all], "count", { outcome: o });
    a.dataset.outcome = o;
    a.title = meanings[o];
    a.update = () => {
      setText(n, number(shown.kept[o] || 0));
      setText(all, shown.totals[o] > (shown.kept[o] || 0) ? `of ${number(shown.totals[o])}` : "");
      a.toggleAttribute("data-none", !shown.kept[o]);
      if (wanted().outcome === o) a.setAttribute("aria-current", "true");
      else a.removeAttribute("aria-current");
    };
    return a;
  });
}

let shown = null; // the state that is shown

function show(s) {
  shown = s;
  const w = wanted();
  setText($("replica"), `${s.replica} · ${s.version} · up ${long(Date.parse(s.now) - Date.parse(s.started))}`);
  setText($("replica-too"), s.replica);
  showVerdict(s);
  showCounts(s);
  showChoices($("f-outcome"), [["", "All outcomes"], ...order.map((o) => [o, words[o]])], w.outcome);
  showChoices($("f-handler"), [["", "All handlers"], ...s.handlers.map((h) => [h.name, h.name])], w.handler);
  const types = [...new Set([...(s.types || []), w.type].filter(Boolean))];
  showChoices($("f-type"), [["", "All types"], ...types.map((t) => [t, t])], w.type);
  if (!typing && document.activeElement !== $("f-find") && $("f-find").value !== w.find) $("f-find").value = w.find;
  $("f-none").hidden = !fields.some((name) => w[name]);
  setText($("found"), s.events.length < s.found ? `the last ${s.events.length} of ${number(s.found)}` : number(s.found));
  showRows($("events"), s.events, (e) => e.n, eventRow);
  $("nothing").hidden = s.found > 0;
  $("more").hidden = s.events.length >= Math.min(s.found, 400);
  const d = s.dropped, gone = [d.done && count(d.done, "event") + " that were done", d.open && count(d.open, "event") + " that were not",
    d.payloads && count(d.payloads, "payload")].filter(Boolean);
  setText($("dropped"), `Kept: the last 256 events, 1,024 that are not done, and 8 MiB in all. ${
    gone.length ? "Dropped since the start: " + gone.join(", ") + "." : "Nothing was dropped."}`);
  showRows($("handlers"), s.handlers, (h) => h.name, handlerRow);
  showRows($("apps"), s.applications, (a) => a.name, applicationRow);
  showInbox(s.inbox);
  showLetters(s);
}

async function refresh() {
  clearTimeout(timer);
  if (busy) {
    timer = setTimeout(refresh, 50);
    return;
  }
  busy = true;
  const query = new URLSearchParams({ ...wanted(), limit });
  try {
    show(await call("/api/state?" + query));
    if (lost) say("It answers again");
    lost = false;
  } catch (error) {
    lost = true;
    $("verdict").dataset.state = "unknown";
    setText($("verdict-text"), "It does not answer: " + error.message);
  }
  busy = false;
  if (!$("pause").checked) timer = setTimeout(refresh, document.hidden ? 5000 : 1000);
}

for (const name of ["outcome", "handler", "type"]) $("f-" + name).addEventListener("change", () => want({ [name]: $("f-" + name).value }));
$("f-find").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    typing = 0;
    want({ find: $("f-find").value.trim() });
  }, 300);
});
$("filter").addEventListener("submit", (event) => event.preventDefault());
$("f-none").addEventListener("click", () => {
  $("f-find").value = "";
  want({ outcome: "", handler: "", type: "", find: "" });
});
$("more").addEventListener("click", () => {
  limit = 400;
  refresh();
});
$("pause").addEventListener("change", refresh);
addEventListener("popstate", refresh);
document.addEventListener("acted", refresh);
document.addEventListener("want", (event) => want(event.detail));
document.addEventListener("visibilitychange", () => document.hidden || refresh());
refresh();
