// Several studies beside each other.
import { get } from "../api";
import { el, replace } from "../dom";
import { objectiveText, short, valueText } from "../format";
import { studyLink, type MakePage } from "../page";
import { plotView } from "../plot";
import type { ComparedStudy, FigurePage, Kind } from "../types";

export const comparePage: MakePage = async (root, _parts, context) => {
  const asked = context.query.getAll("study");
  const studyQuery = asked.map((name) => `study=${encodeURIComponent(name)}`).join("&");
  const { studies } = await get<{ studies: ComparedStudy[] }>(`/api/compare?${studyQuery}`);
  const kinds = (await get<{ kinds: Kind[] }>("/api/figures")).kinds.filter((kind) => kind.several);
  const views = kinds.map((kind) => ({ kind, view: plotView(short, () => undefined), title: el("h2", {}, kind.kind) }));
  const cells: [string, (study: ComparedStudy) => string][] = [
    ["goal", (s) => s.objectives.map((o) => `${o.direction} ${o.name}`).join(", ")],
    ["best", (s) => objectiveText(s.best?.values[0])],
    ["best trial", (s) => (s.best ? String(s.best.trial) : "")],
    ["trials", (s) => s.total.toLocaleString("en")],
    ["complete", (s) => (s.counts.complete ?? 0).toLocaleString("en")],
    ["last better at", (s) => (s.progress.length ? `trial ${s.progress[s.progress.length - 1][0]}` : "")],
    ["sampler", (s) => s.sampler ?? ""],
    ["pruner", (s) => s.pruner ?? ""],
    ...names(studies).map((name): [string, (s: ComparedStudy) => string] => [`best ${name}`, (s) => valueText(s.best?.params[name])]),
  ];
  replace(
    root,
    el("p", { class: "crumbs" }, el("a", { href: "#/" }, "studies"), " /"),
    el("h1", {}, "Studies compared"),
    el(
      "div",
      { class: "scroll" },
      el(
        "table",
        { class: "list compared" },
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }), ...studies.map((s) => el("th", { scope: "col" }, el("a", { class: "cut", href: studyLink(s.study), title: s.study }, s.study))))),
        el(
          "tbody",
          {},
          ...cells.map(([name, text]) => el("tr", { class: name === "best" ? "strong" : null }, el("th", { scope: "row" }, el("span", { class: "cut" }, name)), ...studies.map((s) => el("td", { title: text(s) }, el("span", { class: "cut" }, text(s)))))),
        ),
      ),
    ),
    el("div", { class: "panels" }, ...views.map(({ kind, view, title }) => el("section", { class: "panel", id: `plot-${kind.kind}` }, el("header", {}, title), view.node))),
  );
  await Promise.all(
    views.map(async ({ kind, view, title }) => {
      try {
        const page = await get<FigurePage>(`/api/figures/${kind.kind}?${studyQuery}`);
        title.textContent = page.title ?? page.figures[0]?.title ?? kind.help;
        await view.draw(page);
      } catch (error) {
        context.fail(error);
      }
    }),
  );
  root.dataset.ready = "yes";
  return { title: "studies compared", destroy: () => views.forEach(({ view }) => view.destroy()) };
};

function names(studies: ComparedStudy[]): string[] {
  return [...new Set(studies.flatMap((study) => Object.keys(study.best?.params ?? {})))];
}
