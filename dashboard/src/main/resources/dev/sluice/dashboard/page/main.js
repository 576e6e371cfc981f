// The page: fetches the state again and again, and has each part show its own.

import { showCalls, startCalls } from "./calls.js";
import { setLimits, showGil, showLoops } from "./charts.js";
import { startDialog } from "./dialog.js";
import { byId, setAttribute, setText } from "./elements.js";
import { showMicrothreads, showRequests, showTiles, showUnused, startSections } from "./sections.js";
import { lagLimits, watch } from "./server.js";
import { showStalls, startStalls } from "./stalls.js";
import { startTheme } from "./theme.js";
import { duration, time } from "./words.js";

let lastShown = 0;
let isLost = false;

/** For those who listen: only what somebody has done, and that the connection was lost or is back. */
function say(sentence) {
  setText(byId("said"), sentence);
}

function setLive(state, text) {
  byId("live").dataset.state = state;
  setText(byId("live").lastElementChild, text);
}

function show(state) {
  lastShown = Date.now();
  document.title = `${state.program.split("/").at(-1)} – Sluice`;
  setText(byId("program"), state.program.split("/").at(-1));
  setAttribute(byId("program"), "title", state.program);
  setText(byId("uptime"), `pid ${state.pid} · up ${duration(Math.floor((state.now - state.started) / 1000)).replace(/\.\d+ s/, " s")}`);
  setLive("live", "live");
  if (isLost) {
    isLost = false;
    say("The connection is back.");
  }
  byId("lost").hidden = true;
  document.body.classList.remove("stale");
  for (const part of [showTiles, showCalls, showLoops, showGil, showStalls, showRequests, showMicrothreads, showUnused]) part(state);
}

function lost() {
  setLive("lost", "no connection");
  const when = lastShown ? `This is how it was at ${time(lastShown)}.` : "";
  setText(byId("lost"), `The program does not answer: it has ended, or the way to it is broken. ${when} The page goes on trying.`);
  byId("lost").hidden = false;
  document.body.classList.add("stale");
  if (!isLost) {
    isLost = true;
    say("The connection is lost.");
  }
}

startTheme();
startDialog();
startSections();
startStalls();
let ask = () => {};
startCalls(say, () => ask());
lagLimits().then(setLimits).catch(lost);
ask = watch(show, lost);
