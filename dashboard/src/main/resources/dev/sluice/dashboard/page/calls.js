// The table of blocking calls, with what becomes of each.

import { frames, openDialog, paragraph } from "./dialog.js";
import { byId, element, emptiness, setAttribute, setText } from "./elements.js";
import { chain, setSite } from "./server.js";
import { Table } from "./tables.js";
import { ago, count, duration, place, plural, threadOf, time } from "./words.js";

const LABELS = { off: "Allow", report: "Report", raise: "Raise", farm: "Farm" };
const SAID = { off: "allowed", report: "reported", raise: "refused", farm: "farmed out", default: "treated as configured" };

let say = () => {};
let refresh = () => {};
let farmable = new Set();
let most = 0;

function effective(row) {
  return row.set ?? row.policy;
}

function choices(row) {
  if (row.category === "java") return ["off", "report"];
  return farmable.has(row.call) ? ["off", "report", "raise", "farm"] : ["off", "report", "raise"];
}

async function choose(row, policy, button) {
  button.disabled = true;
  try {
    const done = await setSite(row.id, policy);
    const late = done.late.length ? "; an interpreter that is busy is told as soon as it can be" : "";
    const at = place(row.site);
    say(`${row.call} at ${at.file}${at.name ? ` in ${at.name}` : ""} is ${SAID[policy]} now${late}.`);
  } catch (error) {
    say(`That could not be set: ${error.message}`);
  } finally {
    button.disabled = false;
    button.focus();
    refresh();
  }
}

async function showChain(row) {
  const lines = await chain(row.id).catch(() => []);
  openDialog(
    row.call,
    paragraph(`${row.category} · ${threadOf(row.loop)} · ${plural(row.count, "time", "times")} · callers of the last time, the innermost first`),
    frames(lines.length ? lines : [row.site]),
  );
}

function fillCall(cell, row) {
  if (!cell.firstChild) cell.append(element("code", {}), element("span", { class: "tag" }));
  setText(cell.firstChild, row.call);
  setText(cell.lastChild, row.category);
}

function fillSite(cell, row) {
  if (!cell.firstChild) {
    const button = element("button", { type: "button", class: "site", click: () => showChain(cell.data) });
    button.append(element("span", { class: "muted" }), element("b"), element("span", { class: "muted" }));
    cell.append(button);
  }
  cell.data = row;
  const at = place(row.site);
  const button = cell.firstChild;
  setText(button.children[0], at.folder);
  setText(button.children[1], at.file);
  setText(button.children[2], at.name ? ` ${at.name}` : "");
  setAttribute(button, "title", row.site);
  setAttribute(button, "aria-label", `Callers of ${row.call} at ${row.site}`);
}

/** Buttons that stay are left as they are, so that the focus stays, too. */
function fillPolicy(cell, row) {
  const wanted = [...choices(row), ...(row.set ? ["default"] : [])];
  if (!cell.firstChild) cell.append(element("div", { class: "choices", role: "group" }));
  if (cell.dataset.choices !== wanted.join()) {
    cell.dataset.choices = wanted.join();
    const known = new Map([...cell.firstChild.children].map((button) => [button.dataset.policy, button]));
    wanted.forEach((policy, index) => {
      let button = known.get(policy);
      if (!button) {
        button = element("button", { type: "button", "data-policy": policy, click: (event) => choose(cell.data, policy, event.currentTarget) }, LABELS[policy] ?? "↺");
        cell.firstChild.insertBefore(button, cell.firstChild.children[index] ?? null);
      }
      known.delete(policy);
    });
    for (const button of known.values()) button.remove();
  }
  cell.data = row;
  const group = cell.firstChild;
  setAttribute(group, "aria-label", `Policy of ${row.call} at ${row.site}`);
  for (const button of group.children) {
    const policy = button.dataset.policy;
    if (policy === "default") {
      setAttribute(button, "aria-label", "As configured");
      setAttribute(button, "title", "As configured");
    } else {
      setAttribute(button, "aria-pressed", String(policy === effective(row)));
    }
  }
}

function fillLost(cell, row) {
  if (!cell.firstChild) cell.append(element("span"), element("i", { class: "share", "aria-hidden": "true" }));
  setText(cell.firstChild, duration(row.seconds_lost));
  cell.lastChild.style.width = `${most ? (100 * row.seconds_lost) / most : 0}%`;
}

const table = new Table(
  "Blocking calls by site",
  [
    { key: "call", label: "Call", value: (row) => row.call, fill: fillCall },
    { key: "site", label: "Site", value: (row) => row.site, fill: fillSite },
    { key: "loop", label: "Loop", value: (row) => threadOf(row.loop), fill: (cell, row) => { setText(cell, threadOf(row.loop)); setAttribute(cell, "title", row.loop); } },
    { key: "policy", label: "Policy", value: effective, fill: fillPolicy },
    { key: "count", label: "Count", number: true, value: (row) => row.count, fill: (cell, row) => setText(cell, count(row.count)) },
    { key: "lost", label: "Time lost", number: true, value: (row) => row.seconds_lost, fill: fillLost },
    { key: "longest", label: "Longest", number: true, value: (row) => row.longest, fill: (cell, row) => setText(cell, duration(row.longest)) },
    { key: "last", label: "Last", number: true, value: (row) => row.last, fill: (cell, row, now) => { setText(cell, ago(row.last, now)); setAttribute(cell, "title", time(row.last)); } },
  ],
  (row) => row.id,
  "lost",
  (line, row) => setAttribute(line, "data-policy", effective(row)),
);

/** told gets sentences about what was done; ask has the state fetched at once. */
export function startCalls(told, ask) {
  say = told;
  refresh = ask;
  byId("calls-body").append(
    emptiness("Nothing has blocked yet", "A call that keeps a loop from its work appears here as soon as it is made."),
    table.element,
  );
  table.element.hidden = true;
}

export function showCalls(state) {
  const rows = state.calls;
  farmable = new Set(Object.values(state.interpreters).flatMap((each) => each.farmable ?? []));
  most = Math.max(0, ...rows.map((row) => row.seconds_lost));
  const [empty] = byId("calls-body").children;
  empty.hidden = rows.length > 0;
  table.element.hidden = rows.length === 0;
  const more = state.left_out ? `; ${plural(state.left_out, "call", "calls")} at further sites not listed` : "";
  setText(byId("calls-note"), rows.length ? `${plural(rows.length, "site", "sites")}${more}` : "");
  table.show(rows, state.now);
}
