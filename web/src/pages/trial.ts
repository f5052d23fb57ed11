// One trial: what it tried, what came of it, its curve, its log.
import { get, getText, studyPath } from "../api";
import { el, replace, type Child } from "../dom";
import { objectiveText, numberOf, seconds, short, time, valueText } from "../format";
import { openFeed, throttled } from "../feed";
import { heading } from "../heading";
import { go, studyLink, type MakePage } from "../page";
import { plotView } from "../plot";
import type { FigurePage, Objective, Series, Trial } from "../types";

interface Answer {
  trial: Trial;
  log: boolean;
}

const over = new Set(["complete", "pruned", "failed"]);

export const trialPage: MakePage = async (root, parts, context) => {
  const [, study, , text] = parts;
  const number = Number(text);
  const path = studyPath(study, `/trials/${encodeURIComponent(text)}`);
  const first = await get<Answer>(path);
  const feed = await openFeed(study, context.fail);
  const head = heading(feed, "Trials");
  const content = el("section", { class: "trial" });
  const curve = plotView(short, () => undefined);
  const log = el("pre", { class: "log", tabindex: 0, "aria-label": "log" });
  let now = first;
  let seen = "";

  async function show(answer: Answer): Promise<void> {
    const same = JSON.stringify(answer);
    now = answer;
    if (same === seen) return;
    seen = same;
    const { trial } = answer;
    if (answer.log) log.textContent = await getText(`${path}/log`).catch(String);
    replace(content, ...sections(study, trial, feed.summary.objectives, answer.log ? log : null, trial.reports?.length ? curve.node : null));
    if (trial.reports?.length) await curve.draw(curvePage([trial], feed.summary.objectives));
  }

  const update = throttled(async () => {
    if (over.has(now.trial.state)) return; // a finished trial never changes
    await show(await get<Answer>(path)).catch(context.fail);
  });
  replace(root, head.node, content);
  await show(first);
  const stop = feed.onChange(update);
  root.dataset.ready = "yes";
  const step = (by: number) => {
    const next = number + by;
    if (next >= 0 && next < feed.summary.total) go(studyLink(study, `/trial/${next}`));
  };
  return {
    title: `trial ${number} of ${study}`,
    keys: {
      j: { help: "next trial", run: () => step(1) },
      k: { help: "previous trial", run: () => step(-1) },
      t: { help: "table of trials", run: () => go(studyLink(study, "/trials")) },
      p: { help: "plots", run: () => go(studyLink(study)) },
    },
    destroy() {
      stop();
      feed.destroy();
      head.destroy();
      curve.destroy();
    },
  };
};

export function curvePage(trials: Trial[], objectives: Objective[]): FigurePage {
  const series: Series[] = trials
    .filter((trial) => trial.reports?.length)
    .map((trial) => ({
      kind: "line",
      name: trials.length > 1 ? `trial ${trial.trial}` : undefined,
      x: trial.reports!.map(([step]) => step),
      y: trial.reports!.map(([, value]) => numberOf(value)).map((v) => (Number.isFinite(v) ? v : null)),
    }));
  const figure = { title: "reports", x: { title: "step" }, y: { title: objectives[0].name }, shade: {}, series, rules: [] };
  return { kind: "curve", figures: [figure] };
}

function facts(rows: [string, Child][]): HTMLElement {
  return el("dl", { class: "facts" }, ...rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function sections(study: string, trial: Trial, objectives: Objective[], log: HTMLElement | null, curve: HTMLElement | null): HTMLElement[] {
  const rows: [string, Child][] = [["state", el("span", { class: `state ${trial.paused ? "paused" : trial.state}` }, trial.paused ? "paused" : trial.state)]];
  objectives.forEach((objective, i) => {
    if (trial.values[i] !== undefined) rows.push([objective.name, objectiveText(trial.values[i])]);
  });
  if (trial.message) rows.push(["message", trial.message]);
  if (trial.constraints) rows.push(["constraints", trial.constraints.map((v) => objectiveText(v)).join(", ")]);
  if (trial.start) rows.push(["begun", time(trial.start)]);
  if (trial.complete) rows.push(["ended", time(trial.complete)]);
  if (trial.duration !== undefined) rows.push(["duration", seconds(trial.duration)]);
  if (trial.worker) rows.push(["worker", Object.values(trial.worker).map(String).join(" ")]);
  if (trial.runs) rows.push(["runs", String(trial.runs)]);
  if (trial.parent !== undefined) {
    rows.push(["went on from", el("a", { href: studyLink(study, `/trial/${trial.parent}`) }, `trial ${trial.parent}, step ${trial.parent_step}`)]);
  }
  const params = Object.entries(trial.params).map(([name, value]): [string, Child] => [name, valueText(value)]);
  const attributes = Object.entries(trial.attrs ?? {}).map(([name, value]): [string, Child] => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  const box = (title: string, ...content: Child[]) => el("section", { class: "box" }, el("h2", {}, title), ...content);
  const boxes = [
    box(`Trial ${trial.trial}`, facts(rows)),
    box("Parameters", params.length ? facts(params) : el("p", { class: "muted" }, "none yet")),
  ];
  if (attributes.length) boxes.push(box("Attributes", facts(attributes)));
  if (curve) boxes.push(box("Reports", curve));
  if (log) boxes.push(box("Log", log));
  boxes.slice(-Number(Boolean(curve)) - Number(Boolean(log)) || boxes.length).forEach((b) => b.classList.add("wide"));
  return boxes;
}
