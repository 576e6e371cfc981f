// Recent stalls: a table, and each one's stack in both languages.

import { frames, openDialog, paragraph } from "./dialog.js";
import { byId, element, emptiness, setAttribute, setText } from "./elements.js";
import { stalls } from "./server.js";
import { Table } from "./tables.js";
import { ago, duration, place, plural, time } from "./words.js";

const KINDS = {
  blocked: ["Blocked", "It waited in a call of C code."],
  computing: ["Computing", "It computed, in Python or in C code."],
  starved: ["Starved", "It waited for the GIL, which another thread had."],
  in_java: ["In Java", "It was in Java code that Python had called."],
};

function where(text) {
  const python = /^File "(.*)", line (\d+), in (.*)$/.exec(text);
  return python ? place(`${python[1]}:${python[2]} in ${python[3]}`) : { folder: "", file: text.replace(/^at /, ""), name: "" };
}

async function open(row) {
  const all = await stalls().catch(() => ({ stalls: [] }));
  const found = all.stalls.find((each) => each.number === row.number);
  if (!found) return;
  const content = [
    paragraph(`${KINDS[found.kind][1]} ${found.loop} stood still for ${duration(found.seconds)}${found.over ? "" : " so far"}, from ${time(found.began)}.`),
    frames(found.stack),
  ];
  if (found.holder.length) {
    content.push(paragraph(`The GIL was with ${found.holder[0]}:`), frames(found.holder.slice(1)));
  }
  openDialog(`${KINDS[found.kind][0]}, ${duration(found.seconds)}`, ...content);
}

function fillKind(cell, row) {
  if (!cell.firstChild) cell.append(element("span", { class: "badge" }));
  setText(cell.firstChild, KINDS[row.kind][0]);
  setAttribute(cell.firstChild, "data-kind", row.kind);
  setAttribute(cell.firstChild, "title", KINDS[row.kind][1]);
}

function fillWhere(cell, row) {
  if (!cell.firstChild) {
    const button = element("button", { type: "button", class: "site", click: () => open(cell.data) });
    button.append(element("span", { class: "muted" }), element("b"), element("span", { class: "muted" }));
    cell.append(button);
  }
  cell.data = row;
  const at = where(row.at);
  const button = cell.firstChild;
  setText(button.children[0], at.folder);
  setText(button.children[1], at.file);
  setText(button.children[2], at.name ? ` ${at.name}` : "");
  setAttribute(button, "title", row.at);
  setAttribute(button, "aria-label", `Stack of the stall at ${at.file} ${at.name}`);
}

const table = new Table(
  "Recent stalls",
  [
    { key: "kind", label: "Kind", value: (row) => row.kind, fill: fillKind },
    { key: "where", label: "Where", value: (row) => row.at, fill: fillWhere },
    { key: "loop", label: "Loop", value: (row) => row.loop, fill: (cell, row) => setText(cell, row.loop) },
    { key: "duration", label: "Duration", number: true, value: (row) => row.seconds, fill: (cell, row) => setText(cell, duration(row.seconds) + (row.over ? "" : " …")) },
    { key: "began", label: "Began", number: true, value: (row) => row.began, fill: (cell, row, now) => { setText(cell, ago(row.began, now)); setAttribute(cell, "title", time(row.began)); } },
  ],
  (row) => row.number,
  "began",
);

const FEW = 8;
let all = false;

const more = element("button", { type: "button", class: "quiet more", click: () => { all = !all; showStalls(shown); } });
let shown = { stalls: [], stall_count: 0, now: 0 };

export function startStalls() {
  byId("stalls").append(emptiness("No loop has stood still", "Stalls appear here with the stack of the moment, Python's and Java's frames in one."), table.element, more);
  table.element.hidden = true;
}

export function showStalls(state) {
  shown = state;
  const [empty] = byId("stalls").children;
  empty.hidden = state.stalls.length > 0;
  table.element.hidden = state.stalls.length === 0;
  const older = state.stall_count - state.stalls.length;
  setText(byId("stalls-note"), older > 0 ? `the last ${state.stalls.length} of ${plural(state.stall_count, "stall", "stalls")}` : "");
  more.hidden = state.stalls.length <= FEW;
  setText(more, all ? "Show the newest" : `Show all ${state.stalls.length}`);
  table.show(all ? state.stalls : state.stalls.slice(0, FEW), state.now);
}
