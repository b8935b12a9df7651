// Rows of files: each shows what has become of its file, and opens.

import { $, act, at, button, copy, element, setText } from "./api.js";
import { openingRow, showFacts, showOpening } from "./list.js";
import { clock, count, utc } from "./text.js";

// What a file may have, by the type of the result that makes it.
const things = {
  Transcode: "video", AdaptiveDynamicStreaming: "stream", AnimatedGraphics: "animation", SnapshotByTimeOffset: "snapshot set",
  SampleSnapshot: "sample set", ImageSprites: "sprite",
};

export function processFile(id) {
  return act("process", { SubAppId: at.app, FileId: id }, (made) => `Processed: task ${made.TaskId}`);
}

export function deleteFile(id) {
  return act("delete", { SubAppId: at.app, FileId: id }, () => `Deleted ${id}`);
}

// stateOf returns the state of a file, how to say it, and how much of its tasks is done if any runs.
function stateOf(file) {
  if (file.Deleted) return ["deleted", "deleted"];
  const running = file.Tasks.filter((task) => task.Status !== "FINISH");
  if (running.length) {
    const progress = Math.floor(running.reduce((sum, task) => sum + task.Progress, 0) / running.length);
    return ["processing", `processing ${progress} %`, progress / 100];
  }
  const latest = new Map(); // results: what failed once may have gone well since
  for (const result of file.Tasks.flatMap((task) => task.Results)) latest.set(`${result.Type} ${result.Definition}`, result);
  const failed = [...latest.values()].filter((result) => result.Status === "FAIL").length;
  if (failed) return failed === latest.size ? ["failed", "failed"] : ["partly", `${failed} of ${latest.size} failed`];
  return file.Made.length || file.CoverUrl ? ["ready", "ready"] : ["uploaded", "uploaded"];
}

// madeOf says what was made of a file: 2 videos, 1 cover.
function madeOf(file) {
  const counts = new Map();
  for (const { Type } of file.Made) counts.set(Type, (counts.get(Type) || 0) + 1);
  const made = [...counts].map(([type, n]) => count(n, things[type] || type));
  return [...made, file.CoverUrl && "1 cover"].filter(Boolean).join(", ");
}

function fileRow(file) {
  const badge = element("span", "badge"), title = element("span"), made = element("span");
  const end = element("time", "end", clock(file.Created));
  end.dateTime = end.title = utc(file.Created);
  const row = openingRow({ badges: [badge], title, what: made, id: file.FileId, end }, () => bodyOf(file.FileId));
  row.update = (f) => {
    const [state, word, progress] = stateOf(f);
    row.dataset.state = state;
    setText(badge, word);
    setText(title, [f.Name, f.Type].filter(Boolean).join("."));
    setText(made, madeOf(f));
    row.fill(progress);
    row.tell(f);
  };
  return row;
}

// bodyOf is what an opened row shows: what was made of the file and where that would be, its tasks, its events, and what can be
// done.
function bodyOf(id) {
  const facts = element("dl", "facts");
  const process = button("Process", () => processFile(id)), remove = button("Delete", () => deleteFile(id), "warning");
  const body = element("div", "body", facts, element("p", "buttons",
    process, remove, button("Copy FileId", () => copy(id, facts.querySelector("dd")))));
  body.update = (f) => {
    process.hidden = remove.hidden = Boolean(f.Deleted);
    showFacts(facts, [
      ["file", id], ["source", f.Source],
      ["created", `${clock(f.Created)} (${utc(f.Created)})`],
      ["deleted", f.Deleted && `${clock(f.Deleted)} (${utc(f.Deleted)})`],
      ["cover", f.CoverUrl],
      ...f.Made.map((made) => [`${made.Type} ${made.Definition}`, made.Url]),
      ...f.Tasks.map((task) => ["task", task]),
      ["events", f.Events.length && { of: id, events: f.Events }],
    ], show);
  };
  return body;
}

// show shows a fact: a text, a task, or events.
function show(fact) {
  if (fact.TaskId) return taskOf(fact);
  if (fact.events) return eventsOf(fact);
  return fact;
}

function taskOf(task) {
  const status = task.Status === "FINISH" ? `finished ${clock(task.Ended)}` : `${task.Status} ${task.Progress} %`;
  return element("div", "task",
    element("code", "", task.TaskId),
    element("span", "quiet", `${task.TaskType}, ${status}`),
    element("ul", "", ...task.Results.map((result) => element("li", "",
      `${result.Type} ${result.Definition} `,
      element("span", result.Status === "FAIL" ? "bad" : "quiet", [result.Status, result.Code].filter(Boolean).join(": "))))));
}

function eventsOf({ of, events }) {
  const find = () => document.dispatchEvent(new CustomEvent("find", { detail: of }));
  return element("span", "buttons", ...events.map((event) => {
    const b = button(`${event.Number} ${event.Type}`, find);
    b.title = "Show the events of this file";
    return b;
  }));
}

const rows = new Map(); // by file

// showMedia shows the newest files, of so many. Who has the focus may lose it.
export function showMedia({ Files, Of }) {
  setText($("media-count"), Of > Files.length ? `the newest ${Files.length} of ${Of}` : "");
  showOpening(rows, { media: Files }, {
    idOf: (file) => `${at.app} ${file.FileId} ${file.Created}`, // FileIds begin anew after a restart
    make: fileRow,
    update: (row, file) => row.update(file),
  });
}
