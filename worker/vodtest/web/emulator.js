"use strict";
// Everything that comes from the emulator is put in as text, never as HTML: an event holds what anybody has sent.

const $ = (id) => document.getElementById(id);
const path = "/emulator/";
const presets = document.querySelectorAll("[data-faults]");
let app = /^#[0-9]{1,15}$/.test(location.hash) ? Number(location.hash.slice(1)) : 0;
let lastFile = "";
let busy = false; // a state was asked for
let lost = false; // it did not come
let timer = 0;

function element(tag, className, ...content) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  e.append(...content.filter((c) => c !== "" && c !== null && c !== undefined));
  return e;
}

function say(text, bad) {
  $("said").textContent = text;
  $("said").classList.toggle("bad", Boolean(bad));
}

async function call(name, body) {
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(path + name, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.Error);
  return answer;
}

// act has something done, says what came of it, and shows the new state.
async function act(name, body, done) {
  try {
    const made = await call(name, body);
    say(made.Note || done(made));
  } catch (error) {
    say(error.message, true);
  }
  refresh();
}

// Events.

function eventRow(event) {
  const row = element("li");
  row.dataset.type = event.Type;
  const end = element("span", "end");
  const left = element("progress");
  left.setAttribute("aria-hidden", "true");
  const seconds = element("span");
  const again = element("span", "quiet");
  const body = element("pre");
  const details = element("details", "", element("summary", "", "event"), body);
  details.addEventListener("toggle", () => details.open && showBody(event.Number, body));
  row.append(element("div", "row", ...facts(event), again, end), details);
  row.update = (e, windowMs) => {
    again.textContent = e.Deliveries > 1 ? `handed out ${e.Deliveries} times` : "";
    if (e.LeftMs) {
      left.max = windowMs;
      row.endsAt = performance.now() + e.LeftMs;
      end.replaceChildren(left, seconds);
    } else {
      delete row.endsAt;
      end.textContent = e.How ? `${e.How} ${clock(e.Ended)}` : `since ${clock(e.Sent)}`;
    }
  };
  row.tick = () => {
    if (row.endsAt === undefined) return;
    const ms = Math.max(0, row.endsAt - performance.now());
    left.value = ms;
    seconds.textContent = `${Math.ceil(ms / 1000)} s left`;
  };
  return row;
}

function facts(e) {
  return [
    element("b", "", e.Type || "(no type)"),
    element("span", "", e.Name),
    e.FileId ? element("span", "quiet", "file ", element("code", "", e.FileId)) : "",
    e.TaskId ? element("span", "quiet", "task ", element("code", "", e.TaskId)) : "",
    element("span", "", e.Status),
  ];
}

async function showBody(number, into) {
  try {
    into.textContent = JSON.stringify(await call(`event?SubAppId=${app}&Number=${number}`), null, 2);
  } catch (error) {
    into.textContent = error.message;
  }
}

// showEvents keeps the rows of events that are still there, so that what is open stays open.
function showEvents(list, events, windowMs) {
  const old = new Map(Array.from(list.children, (row) => [row.event, row]));
  events.forEach((event, i) => {
    const id = `${event.Number} ${event.Sent}`; // numbers begin anew in another application, or another emulator
    let row = old.get(id);
    if (!row) {
      row = eventRow(event);
      row.event = id;
    }
    old.delete(id);
    row.update(event, windowMs);
    row.tick();
    if (list.children[i] !== row) list.insertBefore(row, list.children[i] || null);
  });
  old.forEach((row) => row.remove());
}

function clock(time) {
  return new Date(time).toLocaleTimeString();
}

// Calls and callbacks.

function callRow(c) {
  const bad = c.Error && c.Code !== "ResourceNotFound";
  const events = c.Action === "ConfirmEvents" ? `${c.Confirmed || 0} of ${c.Events} confirmed`
    : c.Events === 1 ? "1 event" : `${c.Events} events`;
  const answer = c.Code || c.Error || (/^(Pull|Confirm)Events$/.test(c.Action) ? events : "done");
  return element("li", "row",
    element("b", "", c.Action || "(no action)"),
    c.SubAppId ? element("span", "quiet", String(c.SubAppId)) : "",
    element("span", bad ? "bad" : "", answer),
    c.Code && c.Events ? element("span", "quiet", events) : "",
    c.Fault ? element("span", "quiet", "fault ", element("code", "", c.Fault)) : "",
    element("span", "end quiet", c.Times > 1 ? `${c.Times} times, ` : "", `${c.TookMs} ms, ${clock(c.Time)}`));
}

function callbackRow(c) {
  return element("li", "row", ...facts(c),
    c.Url ? element("span", "quiet", "to ", element("code", "", c.Url)) : "",
    c.Try ? element("span", "", `try ${c.Try}`) : "",
    element("span", c.Error ? "bad" : "", c.Error ? c.Error + (c.Last && c.Try ? ": given up" : "") : `answered ${c.Status}`),
    element("span", "end quiet", `${c.TookMs} ms, ${clock(c.Time)}`));
}

// showRows makes all rows anew if there is anything new.
function showRows(list, items, row) {
  const text = JSON.stringify(items);
  if (list.shown === text) return;
  list.shown = text;
  list.replaceChildren(...items.map(row));
}

// setText leaves what is right alone, so that only changes are read out.
function setText(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

function show(s) {
  const n = s.Stats, c = s.Stats.Callbacks;
  setText($("counts"), `${n.Waiting} waiting, ${n.InFlight} in flight, ${n.Confirmed} confirmed` +
    (n.Expired ? `, ${n.Expired} windows missed` : "") + (n.Dropped ? `, ${n.Dropped} dropped` : ""));
  setText($("callback-counts"), `${c.Answered} answered, ${c.Pending} pending, ${c.GivenUp} given up` +
    (c.NoURL ? `, ${c.NoURL} without a URL` : ""));
  for (const [id, events, total] of [
    ["waiting", s.Waiting, n.Waiting], ["inflight", s.InFlight, n.InFlight], ["past", s.Past, n.Confirmed + n.Dropped],
  ]) {
    setText($(id + "-count"), total > events.length ? `(the newest ${events.length} of ${total})` : "");
    showEvents($(id), events, s.WindowMs);
  }
  showRows($("calls"), s.Calls, callRow);
  showRows($("callbacks"), s.Callbacks, callbackRow);
  showRows($("apps"), s.SubAppIds, (id) => element("option", "", String(id)));
  showSettings(s.Settings);
  if (s.Faults !== $("faulty").shown) $("faulty").value = $("faulty").shown = s.Faults;
  for (const button of presets) button.setAttribute("aria-pressed", String(button.dataset.faults === s.Faults));

  const uploads = [...s.Waiting, ...s.InFlight, ...s.Past].filter((e) => e.Type === "NewFileUpload" && e.FileId);
  if (!lastFile && uploads.length) setFile(uploads.reduce((a, b) => (a.Number > b.Number ? a : b)).FileId);
}

function setFile(id) {
  lastFile = id;
  $("file").textContent = id || "none yet";
  $("process").disabled = $("delete").disabled = !id;
}

// showSettings fills the form when the settings have changed, not while somebody is about to change them.
function showSettings(settings) {
  const form = $("settings"), text = JSON.stringify(settings);
  if (form.shown === text) return;
  form.shown = text;
  form.elements.Mode.value = settings.Mode;
  for (const box of form.querySelectorAll("[type=checkbox]")) box.checked = settings[box.name] === "ON";
  $("url").value = settings.NotificationUrl;
  $("url").changed = false;
  $("signed").hidden = !settings.Signed;
}

async function refresh() {
  clearTimeout(timer);
  if (busy) {
    timer = setTimeout(refresh, 100);
    return;
  }
  busy = true;
  const asked = app;
  try {
    const state = await call(`state?SubAppId=${asked}`);
    if (asked === app) show(state);
    if (lost) say("The emulator answers again");
    lost = false;
  } catch (error) {
    lost = true;
    say("The emulator does not answer: " + error.message, true);
  }
  busy = false;
  if (!document.hidden) timer = setTimeout(refresh, 1000);
}

// What a person does.

function onSubmit(id, f) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    f();
  });
}

onSubmit("upload", () => act("upload", { SubAppId: app, Name: $("name").value }, (made) => {
  setFile(made.FileId);
  return `Uploaded ${$("name").value}: file ${made.FileId}`;
}));
$("process").addEventListener("click", () =>
  act("process", { SubAppId: app, FileId: lastFile }, (made) => `Processed: task ${made.TaskId}`));
$("delete").addEventListener("click", () => act("delete", { SubAppId: app, FileId: lastFile }, () => `Deleted ${lastFile}`));
onSubmit("send", () => act("send", { SubAppId: app, Type: $("type").value }, () => `Sent ${$("type").value}`));

onSubmit("settings", () => {
  const form = $("settings"), change = { SubAppId: app, Mode: form.elements.Mode.value };
  for (const box of form.querySelectorAll("[type=checkbox]")) change[box.name] = box.checked ? "ON" : "OFF";
  if ($("url").changed) change.NotificationUrl = $("url").value;
  act("settings", change, (settings) => `The mode is ${settings.Mode}`);
});
$("url").addEventListener("input", () => { $("url").changed = true; }); // what is shown lacks what may be secret

function setFaults(text) {
  act("faults", { Faults: text }, (answer) => (answer.Faults ? `Calls fail: ${answer.Faults}` : "No call fails"));
}
onSubmit("faults", () => setFaults($("faulty").value));
for (const button of presets) {
  button.addEventListener("click", () => setFaults(button.dataset.faults));
}

$("app").addEventListener("change", () => {
  if (!$("app").checkValidity()) return say("A SubAppId is a number", true);
  app = Number($("app").value);
  location.hash = app || "";
  setFile("");
  refresh();
});
document.addEventListener("visibilitychange", () => document.hidden || refresh());
setInterval(() => document.querySelectorAll("#inflight > li").forEach((row) => row.tick()), 500);

$("endpoint").textContent = location.origin;
$("app").value = String(app);
call("types").then((answer) => showRows($("types"), answer.Types, (type) => element("option", "", type)), () => {});
refresh();
