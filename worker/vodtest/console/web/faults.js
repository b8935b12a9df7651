// What is to fail: calls, and results of task flows.

import { $, act, setText } from "./api.js";

// switchable makes a form of what fails, with presets and a banner. It returns what shows a state of it.
function switchable({ path, member, form, input, banner, now, stop, preset, said }) {
  const presets = document.querySelectorAll(`[data-${preset}]`);
  const set = (text) => act(path, { [member]: text }, (answer) => said(answer[member]));
  $(form).addEventListener("submit", (event) => {
    event.preventDefault();
    set($(input).value);
  });
  $(stop).addEventListener("click", () => set(""));
  for (const button of presets) button.addEventListener("click", () => set(button.dataset[preset]));
  return (text) => {
    $(banner).hidden = !text;
    setText($(now), text);
    if (text !== $(input).shown) $(input).value = $(input).shown = text;
    for (const button of presets) button.setAttribute("aria-pressed", String(text !== "" && button.dataset[preset] === text));
  };
}

export const showFaults = switchable({
  path: "faults", member: "Faults", form: "faults", input: "faulty", banner: "faulty-banner", now: "faults-now",
  stop: "stop-faults", preset: "faults", said: (faults) => (faults ? `Calls fail: ${faults}` : "No call fails"),
});

export const showFailures = switchable({
  path: "fail-results", member: "Failures", form: "failures", input: "failing", banner: "failing-banner", now: "failures-now",
  stop: "stop-failures", preset: "failures", said: (failures) => (failures ? `Results fail: ${failures}` : "No result fails"),
});
