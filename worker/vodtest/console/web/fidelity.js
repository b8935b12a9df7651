// How like VOD the emulator is, in its own words, fetched when somebody asks.

import { $, element, get, say } from "./api.js";

function rowOf({ Subject, What, Basis, Source }) {
  const row = element("li", "",
    element("code", "", Subject), element("span", "", What),
    element("small", "", [Basis, Source].filter(Boolean).join(": ")));
  row.dataset.basis = Basis;
  return row;
}

$("ask-fidelity").addEventListener("click", async () => {
  try {
    $("fidelity-rows").replaceChildren(...(await get("fidelity")).Rows.map(rowOf));
    $("fidelity").showModal();
  } catch (error) {
    say(error.message, true);
  }
});
$("close-fidelity").addEventListener("click", () => $("fidelity").close());
