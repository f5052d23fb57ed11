// A study live: its best point and every plot that fits it.
import { get, studyPath } from "../api";
import { el, replace, setText } from "../dom";
import { short, valueText } from "../format";
import { openFeed, throttled, type Feed } from "../feed";
import { heading } from "../heading";
import { go, studyLink, type Context, type MakePage } from "../page";
import { plotView } from "../plot";
import type { FigurePage, Kind } from "../types";

const ofSeveralGoals = new Set(["pareto", "hypervolume"]);

interface Panel {
  node: HTMLElement;
  destroy: () => void;
}

export const studyPage: MakePage = async (root, parts, context) => {
  const study = parts[1];
  const feed = await openFeed(study, context.fail);
  const several = feed.summary.objectives.length > 1;
  const kinds = (await get<{ kinds: Kind[] }>("/api/figures")).kinds.filter((kind) => several || !ofSeveralGoals.has(kind.kind));
  if (context.left()) {
    feed.destroy();
    return { title: study };
  }
  const head = heading(feed, "Plots");
  const best = bestPoint(feed);
  const panels = kinds.map((kind) => panel(feed, kind, context));
  replace(root, head.node, best.node, el("div", { class: "panels" }, ...panels.map((p) => p.node)));
  root.dataset.ready = "yes";
  return {
    title: study,
    keys: {
      t: { help: "table of trials", run: () => go(studyLink(study, "/trials")) },
      n: { help: "note", run: () => go(studyLink(study, "/note")) },
      b: {
        help: "best trial",
        run: () => feed.summary.best && go(studyLink(study, `/trial/${feed.summary.best.trial}`)),
      },
    },
    destroy() {
      feed.destroy();
      head.destroy();
      best.destroy();
      panels.forEach((p) => p.destroy());
    },
  };
};

// --- the best point ---

function bestPoint(feed: Feed): Panel {
  const list = el("dl", { class: "params" });
  const ended = el("p", { class: "muted" });
  const node = el("section", { class: "best" }, el("h2", {}, "Best point"), list, ended);
  let shown = "";
  function update(): void {
    const { best, sampler, pruner, ended: end, front } = feed.summary;
    const text = JSON.stringify([best, front]);
    if (text !== shown) {
      shown = text;
      const pairs = Object.entries(best?.params ?? {});
      replace(
        list,
        ...pairs.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, valueText(value)))),
        best ? el("a", { href: studyLink(feed.study, `/trial/${best.trial}`) }, `trial ${best.trial}`) : null,
        front?.length ? el("a", { href: studyLink(feed.study, `/compare/${front.slice(0, 20).join(",")}`) }, "trials on the Pareto front") : null,
        !best && !front?.length ? el("span", { class: "muted" }, "No trial is complete yet.") : null,
      );
    }
    const how = [sampler ? `sampler ${sampler}` : "", pruner && pruner !== "none" ? `pruner ${pruner}` : ""];
    const why = end?.reason ? `ended by ${end.reason}${end.because ? `: ${end.because}` : ""}` : "";
    setText(ended, [...how, why].filter(Boolean).join(" · "));
  }
  update();
  return { node, destroy: feed.onChange(update) };
}

// --- a plot ---

const choices: Record<string, (feed: Feed) => string[]> = {
  metric: (feed) => feed.summary.objectives.map((o) => o.name),
  x: columns,
  y: columns,
  hue: columns,
};

function columns(feed: Feed): string[] {
  const own = feed.summary.params.map((p) => p.name);
  return [...own, ...feed.summary.objectives.map((o) => o.name), "number", "state", "duration", "start", "complete", "step"];
}

const methods: Record<string, string[]> = {
  importance: ["fanova", "ped_anova", "impurity"],
  correlation: ["spearman", "pearson"],
};

// The options that the plot takes, as lists to choose from; those with one choice are left out.
function optionBar(feed: Feed, kind: Kind, changed: () => void): { node: HTMLElement; values: () => Record<string, string> } {
  const node = el("div", { class: "options" });
  const selects: [string, HTMLSelectElement][] = [];
  for (const option of kind.options.split(" ")) {
    const names = (option === "method" ? methods[kind.kind] : choices[option]?.(feed)) ?? [];
    if (names.length < 2) continue;
    const select = el("select", { "aria-label": `${option} of ${kind.kind}`, onchange: changed });
    select.append(el("option", { value: "" }, option), ...names.map((name) => el("option", { value: name }, name)));
    selects.push([option, select]);
    node.append(select);
  }
  return { node, values: () => Object.fromEntries(selects.map(([name, select]) => [name, select.value])) };
}

function panel(feed: Feed, kind: Kind, context: Context): Panel {
  const end = new AbortController();
  const view = plotView(short, (trial) => go(studyLink(feed.study, `/trial/${trial}`)));
  const title = el("h2", {}, kind.kind);
  const message = el("p", { class: "muted note" }, kind.help);
  let visible = false;
  let stale = true;

  const load = throttled(async () => {
    if (!visible || !stale || end.signal.aborted) return;
    stale = false;
    try {
      const page = await get<FigurePage>(studyPath(feed.study, `/figures/${kind.kind}`, options.values()), end.signal);
      setText(title, page.title ?? (page.figures.length === 1 ? page.figures[0].title : undefined) ?? kind.kind);
      setText(message, page.note ?? "");
      node.classList.toggle("wide", page.figures.length > 1 || (page.figures[0]?.parallel?.axes.length ?? 0) > 8);
      await view.draw(page);
    } catch (error) {
      if (end.signal.aborted) return;
      setText(message, error instanceof Error ? error.message : String(error));
    }
  });
  const mark = () => {
    stale = true;
    load();
  };
  const options = optionBar(feed, kind, mark);
  const node = el("section", { class: "panel", id: `plot-${kind.kind}` }, el("header", {}, title, options.node), view.node, message);
  const watcher = new IntersectionObserver((entries) => {
    visible = entries[entries.length - 1].isIntersecting;
    if (visible) load();
  }, { rootMargin: "300px" });
  watcher.observe(node);
  const stop = feed.onChange(mark);
  void context;
  return {
    node,
    destroy() {
      end.abort();
      stop();
      watcher.disconnect();
      view.destroy();
    },
  };
}

