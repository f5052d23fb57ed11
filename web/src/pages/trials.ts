// The table of trials: a page at a time, filtered and sorted by the server, live.
import { ApiError, get, studyPath } from "../api";
import { chooseColumns, columnsOf, keptColumns, type Column } from "../columns";
import { el, replace, setText } from "../dom";
import { openFeed, throttled, type Feed } from "../feed";
import { heading } from "../heading";
import { go, studyLink, type MakePage } from "../page";
import type { Trial, TrialPage } from "../types";

const states = ["complete", "pruned", "failed", "running", "waiting"];
const sizes = [25, 50, 100, 250];
const mostCompared = 20;

// What is asked for; it stands in the address, so that it can be sent to others.
interface Query {
  sort: string;
  filter: string;
  state: string;
  page: number;
  size: number;
}

function readQuery(query: URLSearchParams): Query {
  const number = (key: string, usual: number) => Math.max(0, Number.parseInt(query.get(key) ?? "", 10) || usual);
  return {
    sort: query.get("sort") ?? "-number",
    filter: query.get("filter") ?? "",
    state: query.get("state") ?? "",
    page: number("page", 0),
    size: number("size", 50),
  };
}

function writeQuery(study: string, query: Query): void {
  const text = new URLSearchParams();
  if (query.sort !== "-number") text.set("sort", query.sort);
  if (query.filter) text.set("filter", query.filter);
  if (query.state) text.set("state", query.state);
  if (query.page) text.set("page", String(query.page));
  if (query.size !== 50) text.set("size", String(query.size));
  const rest = text.toString();
  history.replaceState(null, "", studyLink(study, `/trials${rest ? `?${rest}` : ""}`));
}

export const trialsPage: MakePage = async (root, parts, context) => {
  const feed = await openFeed(parts[1], context.fail);
  const head = heading(feed, "Trials");
  const table = trialTable(feed, readQuery(context.query));
  replace(root, head.node, table.node);
  await table.ready;
  root.dataset.ready = "yes";
  return {
    title: `trials of ${feed.study}`,
    keys: {
      "/": { help: "filter", run: () => table.filter.focus() },
      j: { help: "next page", run: () => table.turn(1) },
      k: { help: "previous page", run: () => table.turn(-1) },
      v: { help: "best first", run: () => table.sortBy("value") },
      o: { help: "choose columns", run: () => table.columns() },
      c: { help: "compare the chosen trials", run: () => table.compare() },
      p: { help: "plots", run: () => go(studyLink(feed.study)) },
    },
    destroy() {
      feed.destroy();
      head.destroy();
      table.destroy();
    },
  };
};

interface Table {
  node: HTMLElement;
  filter: HTMLInputElement;
  ready: Promise<void>;
  turn(by: number): void;
  sortBy(key: string): void;
  columns(): void;
  compare(): void;
  destroy(): void;
}

function trialTable(feed: Feed, query: Query): Table {
  const end = new AbortController();
  const chosen = new Set<number>();
  let columns = keptColumns(feed.summary);
  let matched = 0;
  let shown: Trial[] = [];
  let seen = "";
  let loaded: () => void;
  const ready = new Promise<void>((resolve) => (loaded = resolve));

  const filter = el("input", {
    type: "search",
    placeholder: "filter: lr < 0.01 and state == complete",
    "aria-label": "filter",
    value: query.filter,
    spellcheck: "false",
  });
  const wrong = el("p", { class: "wrong", role: "alert", hidden: true });
  const chips = states.map((state) => stateChip(state));
  const compareButton = el("button", { type: "button", disabled: true, onclick: () => compare() }, "Compare");
  const headRow = el("tr");
  const body = el("tbody");
  const empty = el("p", { class: "empty", hidden: true });
  const place = el("span", { class: "muted place" });
  const back = el("button", { type: "button", "aria-label": "previous page", onclick: () => turn(-1) }, "‹");
  const on = el("button", { type: "button", "aria-label": "next page", onclick: () => turn(1) }, "›");
  const size = el("select", { "aria-label": "trials on a page" }, ...sizes.map((n) => el("option", { value: n }, `${n} a page`)));
  size.value = String(query.size);
  const frame = el("div", { class: "scroll" }, el("table", { class: "list" }, el("thead", {}, headRow), body));
  const node = el(
    "section",
    { class: "trials" },
    el(
      "div",
      { class: "bar" },
      filter,
      el("span", { class: "chips", role: "group", "aria-label": "states" }, ...chips),
      el("button", { type: "button", onclick: () => chooseAgain() }, "Columns"),
      compareButton,
    ),
    wrong,
    frame,
    empty,
    el("div", { class: "bar pages" }, back, place, on, el("span", { class: "space" }), size),
  );

  // --- asking ---

  async function fetchPage(): Promise<void> {
    const { sort, state, size: limit } = query;
    try {
      const page = await get<TrialPage>(
        studyPath(feed.study, "/trials", { sort, state, filter: query.filter, limit, offset: query.page * limit }),
        end.signal,
      );
      wrong.hidden = true;
      matched = page.matched;
      const last = Math.max(0, Math.ceil(matched / limit) - 1);
      if (query.page > last) {
        query.page = last;
        return fetchPage();
      }
      shown = page.trials;
      showRows();
    } catch (error) {
      if (end.signal.aborted) return;
      wrong.hidden = false;
      wrong.textContent = error instanceof ApiError ? error.message : String(error);
    }
    loaded();
  }
  const load = throttled(fetchPage);

  function ask(): void {
    writeQuery(feed.study, query);
    load();
  }

  // --- showing ---

  function showRows(): void {
    const text = JSON.stringify([shown, columns.map((c) => c.key), [...chosen], query.sort]);
    if (text !== seen) {
      seen = text;
      replace(headRow, el("th", { scope: "col" }), ...columns.map(headCell));
      replace(body, ...shown.map(row));
    }
    const first = query.page * query.size;
    setText(place, matched ? `${(first + 1).toLocaleString("en")}–${(first + shown.length).toLocaleString("en")} of ${matched.toLocaleString("en")}` : "0 trials");
    back.disabled = query.page === 0;
    on.disabled = first + shown.length >= matched;
    empty.hidden = shown.length > 0;
    frame.hidden = shown.length === 0;
    empty.textContent = feed.summary.total ? "No trial meets the filter." : "The study has no trial yet; they appear here as they are asked for.";
    compareButton.disabled = chosen.size < 2;
    setText(compareButton, chosen.size ? `Compare ${chosen.size}` : "Compare");
  }

  function headCell(column: Column): HTMLElement {
    const by = query.sort.replace(/^-/, "") === column.key;
    const down = by && query.sort.startsWith("-");
    const sort = by ? (down ? "descending" : "ascending") : "none";
    const arrow = el("span", { class: "arrow", "aria-hidden": "true" }, by ? (down ? "▾" : "▴") : "");
    const click = () => sortBy(column.key);
    const content = column.sortable
      ? el("button", { type: "button", class: "sort", title: column.title, onclick: click }, el("span", { class: "cut" }, column.title), arrow)
      : el("span", { class: "cut", title: column.title }, column.title);
    return el("th", { scope: "col", "aria-sort": column.sortable ? sort : null, class: column.number ? "number" : null }, content);
  }

  function row(trial: Trial): HTMLElement {
    const box = el("input", { type: "checkbox", "aria-label": `choose trial ${trial.trial}` });
    box.checked = chosen.has(trial.trial);
    box.addEventListener("change", () => {
      if (!box.checked) chosen.delete(trial.trial);
      else if (chosen.size < mostCompared) chosen.add(trial.trial);
      showRows();
    });
    const best = feed.summary.best?.trial === trial.trial || feed.summary.front?.includes(trial.trial);
    return el(
      "tr",
      { class: best ? "is-best" : null, "data-trial": trial.trial },
      el("td", {}, box),
      ...columns.map((column) => cell(column, trial)),
    );
  }

  function cell(column: Column, trial: Trial): HTMLElement {
    if (column.key === "number") {
      return el("td", { class: "number" }, el("a", { href: studyLink(feed.study, `/trial/${trial.trial}`) }, trial.trial));
    }
    const text = column.text(trial);
    if (column.key === "state") return el("td", {}, el("span", { class: `state ${text}` }, text));
    return el("td", { class: column.number ? "number" : null, title: text.length > 24 ? text : null }, el("span", { class: "cut" }, text));
  }

  // --- changing ---

  function stateChip(state: string): HTMLElement {
    const box = el("input", { type: "checkbox" });
    box.checked = query.state.split(",").includes(state);
    box.addEventListener("change", () => {
      const wanted = states.filter((_, i) => chips[i].querySelector("input")!.checked);
      query.state = wanted.join(",");
      query.page = 0;
      ask();
    });
    return el("label", { class: `chip ${state}` }, box, ` ${state}`);
  }

  // The first click sorts upwards (an objective: best first), the next one the other way.
  function sortBy(key: string): void {
    query.sort = query.sort === key ? `-${key}` : key;
    query.page = 0;
    ask();
  }

  function turn(by: number): void {
    const last = Math.max(0, Math.ceil(matched / query.size) - 1);
    query.page = Math.max(0, Math.min(last, query.page + by));
    ask();
  }

  function chooseAgain(): void {
    chooseColumns(feed.summary, columns, (now) => {
      columns = now;
      showRows();
    });
  }

  function compare(): void {
    if (chosen.size > 1) go(studyLink(feed.study, `/compare/${[...chosen].sort((a, b) => a - b).join(",")}`));
  }

  let typing = 0;
  filter.addEventListener("input", () => {
    clearTimeout(typing);
    typing = window.setTimeout(() => {
      query.filter = filter.value.trim();
      query.page = 0;
      ask();
    }, 300);
  });
  size.addEventListener("change", () => {
    query.size = Number(size.value);
    query.page = 0;
    ask();
  });
  const stop = feed.onChange(() => {
    const known = new Set(columnsOf(feed.summary).map((c) => c.key));
    if (columns.some((c) => !known.has(c.key)) || !shown.length) columns = keptColumns(feed.summary);
    load();
  });
  load();
  return {
    node,
    filter,
    ready,
    turn,
    sortBy,
    columns: chooseAgain,
    compare,
    destroy() {
      end.abort();
      clearTimeout(typing);
      stop();
    },
  };
}
