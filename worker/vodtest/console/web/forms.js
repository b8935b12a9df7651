// What a person does.

import { $, act, at, get, getText, go, say, setText } from "./api.js";
import { deleteFile, processFile } from "./media.js";
import { indent } from "./text.js";

function onSubmit(id, f) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    f();
  });
}

function onClick(id, f) {
  $(id).addEventListener("click", f);
}

// Events.

function upload() {
  return act("upload", { SubAppId: at.app, Name: $("name").value }, (made) => `Uploaded ${$("name").value}: file ${made.FileId}`);
}
onSubmit("upload", upload);
let steadily = 0;
$("steadily").addEventListener("change", () => {
  clearInterval(steadily);
  if ($("steadily").checked) steadily = setInterval(upload, 1000);
});

export function setFile(id) {
  at.file = id;
  setText($("file"), id || "none yet");
  $("process").disabled = $("delete").disabled = !id;
}
onClick("process", () => processFile(at.file));
onClick("delete", () => deleteFile(at.file));

onSubmit("send", () => act("send", { SubAppId: at.app, Type: $("type").value }, () => `Sent ${$("type").value}`));
onClick("edit", async () => {
  try {
    edit(await getText(`sample?Type=${encodeURIComponent($("type").value || "NewFileUpload")}`));
  } catch (error) {
    say(error.message, true);
  }
});
document.addEventListener("edit", (event) => edit(event.detail));

function edit(json) {
  $("json").value = indent(json);
  $("own").open = true;
  go("make");
  $("json").setSelectionRange(0, 0);
  $("json").focus();
  $("json").scrollTop = 0;
}

onSubmit("send-own", () => {
  const text = $("json").value;
  try {
    JSON.parse(text);
  } catch (error) {
    return say(`That is no JSON: ${error.message}`, true);
  }
  act("send", `{"SubAppId":${at.app},"Event":${text}}`, () => "Sent an event of your own"); // parsed, numbers would be rounded
});
get("types").then((answer) => {
  for (const type of answer.Types) $("types").append(new Option(type));
}, () => {});

// Settings.

onSubmit("settings", () => {
  const form = $("settings"), change = { SubAppId: at.app, Mode: form.elements.Mode.value };
  for (const box of form.querySelectorAll("[type=checkbox]")) change[box.name] = box.checked ? "ON" : "OFF";
  if ($("url").changed) change.NotificationUrl = $("url").value;
  setUp(change);
});
$("url").addEventListener("input", () => { $("url").changed = true; }); // what is shown lacks what may be secret
onClick("to-pull", () => setUp({ SubAppId: at.app, Mode: "PULL" }));

function setUp(change) {
  act("settings", change, (settings) => `The mode is ${settings.Mode}`);
}

// showSettings fills the form when the settings have changed, not while somebody is about to change them.
export function showSettings(settings) {
  const form = $("settings"), text = JSON.stringify(settings);
  $("push-banner").hidden = settings.Mode !== "PUSH";
  setText($("push-where"), settings.NotificationUrl ? `Events are posted to ${settings.NotificationUrl}`
    : "There is no URL to post events to: they are lost.");
  if (form.shown === text) return;
  form.shown = text;
  form.elements.Mode.value = settings.Mode;
  for (const box of form.querySelectorAll("[type=checkbox]")) box.checked = settings[box.name] === "ON";
  $("url").value = settings.NotificationUrl;
  $("url").changed = false;
  $("signed").hidden = !settings.Signed;
}

// Reset.

onClick("reset", () => $("sure").showModal());
onClick("unsure", () => $("sure").close());
onClick("reset-all", () => {
  $("sure").close();
  $("steadily").checked = false;
  $("steadily").dispatchEvent(new Event("change"));
  act("reset", {}, () => "The emulator is empty again");
});
