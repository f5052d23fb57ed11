// Several trials beside each other: what differs, and their curves.
import { get, studyPath } from "../api";
import { el, replace } from "../dom";
import { objectiveText, seconds, short, valueText } from "../format";
import { openFeed } from "../feed";
import { heading } from "../heading";
import { go, studyLink, type MakePage } from "../page";
import { plotView } from "../plot";
import type { Trial, TrialPage } from "../types";
import { curvePage } from "./trial";

export const trialsComparedPage: MakePage = async (root, parts, context) => {
  const [, study, , numbers] = parts;
  const { trials } = await get<TrialPage>(studyPath(study, "/trials", { numbers }));
  const feed = await openFeed(study, context.fail);
  const head = heading(feed, "Trials");
  const curve = plotView(short, (trial) => go(studyLink(study, `/trial/${trial}`)));
  const curves = trials.some((trial) => trial.reports?.length);
  const rows: [string, (trial: Trial) => string][] = [
    ["state", (t) => (t.paused ? "paused" : t.state)],
    ...feed.summary.objectives.map((o, i): [string, (t: Trial) => string] => [o.name, (t) => objectiveText(t.values[i])]),
    ["duration", (t) => seconds(t.duration)],
    ...names(trials).map((name): [string, (t: Trial) => string] => [name, (t) => valueText(t.params[name])]),
  ];
  replace(
    root,
    head.node,
    el("h2", {}, "Trials compared"),
    el(
      "div",
      { class: "scroll" },
      el(
        "table",
        { class: "list compared" },
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }), ...trials.map((t) => el("th", { scope: "col", class: "number" }, el("a", { href: studyLink(study, `/trial/${t.trial}`) }, `trial ${t.trial}`))))),
        el("tbody", {}, ...rows.map(([name, text]) => row(name, trials.map(text)))),
      ),
    ),
    curves ? el("section", { class: "box wide" }, el("h2", {}, "Reports"), curve.node) : null,
  );
  if (curves) await curve.draw(curvePage(trials, feed.summary.objectives));
  root.dataset.ready = "yes";
  return {
    title: `trials ${numbers} of ${study}`,
    keys: {
      t: { help: "table of trials", run: () => go(studyLink(study, "/trials")) },
      p: { help: "plots", run: () => go(studyLink(study)) },
    },
    destroy() {
      feed.destroy();
      head.destroy();
      curve.destroy();
    },
  };
};

function names(trials: Trial[]): string[] {
  return [...new Set(trials.flatMap((trial) => Object.keys(trial.params)))];
}

function row(name: string, texts: string[]): HTMLElement {
  const differs = new Set(texts).size > 1;
  return el(
    "tr",
    { class: differs ? "differs" : null },
    el("th", { scope: "row", title: name }, el("span", { class: "cut" }, name)),
    ...texts.map((text) => el("td", { class: "number", title: text }, el("span", { class: "cut" }, text))),
  );
}
