// The one dialog: lists of frames. Escape closes it, and focus goes back to what opened it.

import { byId, element } from "./elements.js";

const LIBRARY = /^(File "(<frozen|.*\/sluice\/_|.*\/lib\/python3\.\d+\/(?!(site|dist)-packages))|at (dev\.sluice\.|java\.|jdk\.|io\.netty\.))|^\S*\/lib\/python3\.\d+\/(?!(site|dist)-packages)/;
const PYTHON = /^(File ".*|.+:\d+ in .+)$/;

function line(text) {
  const java = text.startsWith("at ");
  const python = !java && PYTHON.test(text);
  return element(
    "li",
    { class: `${java ? "java" : python ? "python" : "other"}${LIBRARY.test(text) ? " library" : ""}` },
    element("span", { class: "kind" }, java ? "Java" : python ? "Python" : ""),
    element("code", {}, java ? text.slice(3) : text),
  );
}

/** Frames, innermost first. */
export function frames(lines) {
  return element("ol", { class: "frames" }, ...lines.map(line));
}

export function paragraph(text) {
  return element("p", {}, text);
}

export function openDialog(title, ...content) {
  const dialog = byId("dialog");
  byId("dialog-title").textContent = title;
  byId("dialog-body").replaceChildren(...content);
  if (!dialog.open) dialog.showModal();
  byId("dialog-body").scrollTop = 0;
}

/** A click beside the dialog closes it, too. */
export function startDialog() {
  const dialog = byId("dialog");
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}
