// The columns of the table of trials, and which are shown.
import { el } from "./dom";
import { objectiveText, seconds, time, valueText } from "./format";
import type { Summary, Trial } from "./types";

export interface Column {
  key: string; // also what the server sorts by
  title: string;
  number: boolean;
  sortable: boolean;
  text: (trial: Trial) => string;
}

const usual = 8; // parameters that are shown until somebody chooses

function plainColumn(key: string, title: string, number: boolean, sortable: boolean, text: (trial: Trial) => string): Column {
  return { key, title, number, sortable, text };
}

export function columnsOf(summary: Summary): Column[] {
  const { objectives, params } = summary;
  const own = new Set(params.map((p) => p.name));
  return [
    plainColumn("number", "trial", true, true, (t) => String(t.trial)),
    plainColumn("state", "state", false, true, (t) => (t.paused ? "paused" : t.state)),
    ...objectives.map((o, i) => plainColumn(i === 0 && !own.has("value") ? "value" : o.name, o.name, true, true, (t) => objectiveText(t.values[i]))),
    ...params.map((p) => plainColumn(p.name, p.name, p.type !== "categorical", true, (t) => valueText(t.params[p.name]))),
    plainColumn("duration", "duration", true, true, (t) => seconds(t.duration)),
    plainColumn("steps", "last step", true, false, (t) => valueText(t.steps)),
    plainColumn("last", "last report", true, false, (t) => objectiveText(t.last)),
    plainColumn("start", "begun", false, false, (t) => time(t.start)),
    plainColumn("message", "message", false, false, (t) => t.message ?? ""),
  ];
}

function storageKey(summary: Summary): string {
  return `hone:columns:${summary.study}`;
}

export function keptColumns(summary: Summary): Column[] {
  const all = columnsOf(summary);
  let kept: unknown = null;
  try {
    kept = JSON.parse(localStorage.getItem(storageKey(summary)) ?? "null");
  } catch {
    // another version wrote it
  }
  if (Array.isArray(kept)) {
    const names = new Set(kept);
    const found = all.filter((column) => names.has(column.key));
    if (found.length) return found;
  }
  const first = new Set(summary.params.slice(0, usual).map((p) => p.name));
  const hidden = new Set(["steps", "last", "start", "message", ...summary.params.map((p) => p.name).filter((n) => !first.has(n))]);
  return all.filter((column) => !hidden.has(column.key));
}

export function chooseColumns(summary: Summary, shown: Column[], changed: (columns: Column[]) => void): void {
  const all = columnsOf(summary);
  const names = new Set(shown.map((column) => column.key));
  const boxes = all.map((column) => {
    const box = el("input", { type: "checkbox", value: column.key });
    box.checked = names.has(column.key);
    return { column, box };
  });
  const apply = () => {
    const chosen = boxes.filter(({ box }) => box.checked).map(({ column }) => column);
    localStorage.setItem(storageKey(summary), JSON.stringify(chosen.map((column) => column.key)));
    changed(chosen.length ? chosen : keptColumns(summary));
  };
  const set = (wanted: (column: Column) => boolean) => {
    boxes.forEach(({ box, column }) => (box.checked = wanted(column)));
    apply();
  };
  const dialog = el(
    "dialog",
    { class: "columns", "aria-label": "columns" },
    el("h2", {}, "Columns"),
    el(
      "div",
      { class: "boxes" },
      ...boxes.map(({ column, box }) => {
        box.addEventListener("change", apply);
        return el("label", { title: column.title }, box, el("span", { class: "cut" }, column.title));
      }),
    ),
    el(
      "form",
      { method: "dialog", class: "bar" },
      el("button", { type: "button", onclick: () => set(() => true) }, "All"),
      el("button", { type: "button", onclick: () => set((c) => c.key === "number" || c.key === "state") }, "None"),
      el("span", { class: "space" }),
      el("button", { type: "submit" }, "Close"),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
