// All studies of the storage; some are chosen to be compared.
import { get, listen } from "../api";
import { el, replace } from "../dom";
import { objectiveText, time } from "../format";
import { throttled } from "../feed";
import { go, studyLink, type MakePage } from "../page";
import type { StudyLine } from "../types";

const most = 10; // studies that are compared

export const studiesPage: MakePage = async (root, _parts, context) => {
  const end = new AbortController();
  const chosen = new Set<string>();
  let studies: StudyLine[] = [];
  let seen = "";
  const filter = el("input", { type: "search", placeholder: "find a study", "aria-label": "find a study" });
  const compare = el("button", { type: "button", disabled: true }, "Compare");
  const body = el("tbody");
  const table = el(
    "table",
    { class: "list" },
    el(
      "thead",
      {},
      el("tr", {}, ...["", "study", "goal", "trials", "complete", "best", "begun"].map((name, i) => el("th", { scope: "col", class: i > 2 && i < 6 ? "number" : null }, name))),
    ),
    body,
  );
  const frame = el("div", { class: "scroll" }, table);
  const empty = el("p", { class: "empty", hidden: true });
  replace(
    root,
    el("h1", {}, "Studies"),
    el("p", { class: "muted breakable" }, context.info.storage),
    el("div", { class: "bar" }, filter, compare),
    frame,
    empty,
  );

  function show(): void {
    const wanted = filter.value.trim().toLowerCase();
    const shown = studies.filter((s) => s.study.toLowerCase().includes(wanted));
    replace(body, ...shown.map(row));
    empty.hidden = shown.length > 0;
    empty.textContent = studies.length
      ? "No study has that in its name."
      : "There is no study yet. hone tune makes one; it appears here by itself.";
    frame.hidden = shown.length === 0;
    compare.disabled = chosen.size < 2;
  }

  function row(study: StudyLine): HTMLElement {
    const box = el("input", { type: "checkbox", "aria-label": `choose ${study.study}` });
    box.checked = chosen.has(study.study);
    box.addEventListener("change", () => {
      if (!box.checked) chosen.delete(study.study);
      else if (chosen.size < most) chosen.add(study.study);
      else box.checked = false;
      compare.disabled = chosen.size < 2;
    });
    return el(
      "tr",
      {},
      el("td", {}, box),
      el("td", { class: "name" }, el("a", { href: studyLink(study.study) }, study.study)),
      el("td", { class: "muted" }, study.directions.join(", ")),
      el("td", { class: "number" }, study.trials.toLocaleString("en")),
      el("td", { class: "number" }, study.complete.toLocaleString("en")),
      el("td", { class: "number" }, objectiveText(study.best)),
      el("td", { class: "muted" }, time(study.begun).slice(0, 16)),
    );
  }

  const load = throttled(async () => {
    try {
      studies = (await get<{ studies: StudyLine[] }>("/api/studies", end.signal)).studies;
      const text = JSON.stringify(studies);
      if (text !== seen) show();
      seen = text;
      root.dataset.ready = "yes";
    } catch (error) {
      if (!end.signal.aborted) context.fail(error);
    }
  });
  filter.addEventListener("input", show);
  compare.addEventListener("click", () => {
    go(`#/compare?${[...chosen].map((name) => `study=${encodeURIComponent(name)}`).join("&")}`);
  });
  load();
  void listen("/api/events", end.signal, load, () => undefined);
  return {
    title: "studies",
    destroy: () => end.abort(),
    keys: {
      "/": { help: "find a study", run: () => filter.focus() },
      c: { help: "compare the chosen studies", run: () => compare.click() },
    },
  };
};
