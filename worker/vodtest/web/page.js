// The page: it asks for the state each second, and shows it. See api.js for what is safe to show.

import { $, at, element, get, go, say, setText, showRows } from "./api.js";
import { callRow, callbackRow } from "./calls.js";
import { showConnect } from "./connect.js";
import { showFiltered } from "./filter.js";
import { setFile, showFaults, showSettings } from "./forms.js";
import { showEvents } from "./rows.js";

let busy = false; // a state was asked for
let lost = false; // it did not come
let timer = 0;
let sent = 0; // events

function show(s) {
  const n = s.Stats, c = s.Stats.Callbacks;
  showCounts([
    ["waiting", n.Waiting, "waiting"], ["flight", n.InFlight, "in flight"], ["confirmed", n.Confirmed, "confirmed"],
    n.Expired ? ["again", n.Expired, n.Expired === 1 ? "window missed" : "windows missed"] : null,
    n.Dropped ? ["dropped", n.Dropped, "dropped"] : null,
  ].filter(Boolean));
  $("pushed").hidden = s.Settings.Mode !== "PUSH" && !s.Callbacks.length;
  setText($("callback-counts"), `${c.Answered} answered, ${c.Pending} pending, ${c.GivenUp} given up` +
    (c.NoURL ? `, ${c.NoURL} without a URL` : ""));
  for (const [id, events, total] of [
    ["waiting", s.Waiting, n.Waiting], ["inflight", s.InFlight, n.InFlight], ["past", s.Past, n.Confirmed + n.Dropped],
  ]) {
    setText($(id + "-count"), total > events.length ? `the newest ${events.length} of ${total}` : String(total));
    showEvents(id, events, s.WindowMs);
  }
  sent = n.Sent;
  showFiltered(sent);
  showRows($("calls"), s.Calls, callRow);
  showRows($("callbacks"), s.Callbacks, callbackRow);
  showRows($("apps"), s.SubAppIds, (id) => element("option", "", String(id)));
  showSettings(s.Settings);
  showFaults(s.Faults);
  showConnect(s.Key);
  showTitle(n.Waiting, s.Faults !== "" || s.Settings.Mode === "PUSH");

  const uploads = [...s.Waiting, ...s.InFlight, ...s.Past].filter((e) => e.Type === "NewFileUpload" && e.FileId);
  if (!at.file && uploads.length) setFile(uploads.reduce((a, b) => (a.Number > b.Number ? a : b)).FileId);
}

function showCounts(counts) {
  showRows($("counts"), counts, ([state, n, word]) => {
    const badge = element("span", "badge", `${n} ${word}`);
    badge.dataset.state = state;
    if (!n) badge.dataset.none = "";
    return badge;
  });
}

// showTitle tells one tab from another: how much waits, where, and by its colour whether something is switched on that hurts.
function showTitle(waiting, hurts) {
  const title = `${waiting} waiting · ${location.host}${at.app ? ` · ${at.app}` : ""}`;
  if (document.title !== title) document.title = title;
  const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="${
    hurts ? "#c77700" : "#0b5cad"}"/><path d="M5 3.5v9l7-4.5z" fill="#fff"/></svg>`;
  const href = "data:image/svg+xml," + encodeURIComponent(icon);
  if ($("icon").getAttribute("href") !== href) $("icon").setAttribute("href", href);
}

async function refresh() {
  clearTimeout(timer);
  if (busy) {
    timer = setTimeout(refresh, 100);
    return;
  }
  busy = true;
  const asked = at.app;
  try {
    const state = await get(`state?SubAppId=${asked}`);
    if (asked === at.app) show(state);
    if (lost) say("The emulator answers again");
    lost = false;
  } catch (error) {
    lost = true;
    say("The emulator does not answer: " + error.message, true);
  }
  busy = false;
  if (!document.hidden) timer = setTimeout(refresh, 1000);
}

$("app").addEventListener("change", () => {
  if (!$("app").checkValidity()) return say("A SubAppId is a number", true);
  at.app = Number($("app").value);
  location.hash = at.app || "";
  setFile("");
  refresh();
});
for (const to of document.querySelectorAll("[data-to]")) {
  to.addEventListener("click", () => {
    go(to.dataset.to);
    scrollTo(0, 0);
  });
}
document.addEventListener("acted", refresh);
document.addEventListener("filtered", () => showFiltered(sent));
document.addEventListener("visibilitychange", () => document.hidden || refresh());

$("endpoint").textContent = location.origin;
$("app").value = String(at.app);
go("events");
refresh();
