// Draws the server's figures with plotly.js, which is loaded when the first one is seen.
import { colour, scale, tintOf } from "./colours";
import { el, replace } from "./dom";
import { onTheme } from "./theme";
import type { Axis, Figure, FigurePage, Series } from "./types";

type Numbers = (number | null)[] | undefined;
type Point = { customdata?: number };

let library: Promise<typeof import("plotly.js-cartesian-dist-min").default> | null = null;

// plotly.js sets some styles as attributes, which the policy refuses; the same through the element's style is fine.
function styleWithoutAttributes(): void {
  const set = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name: string, value: string): void {
    if (name === "style" && "style" in this) (this as SVGElement).style.cssText = value;
    else set.call(this, name, value);
  };
}

function plotly() {
  if (!library) styleWithoutAttributes();
  library ??= import("plotly.js-cartesian-dist-min").then((module) => module.default);
  return library;
}

// plotly.js takes "<b>" and the like in texts as markup.
function plain(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function clipped(text: string, size: number): string {
  const letters = [...text];
  return plain(letters.length > size ? `${letters.slice(0, size - 1).join("")}…` : text);
}

// --- axes ---

function axisTitle(axis: Axis): string {
  const arrow = axis.better === "smaller" ? " (smaller is better)" : axis.better === "larger" ? " (larger is better)" : "";
  return axis.title ? clipped(axis.title, 48) + arrow : "";
}

function axisLayout(axis: Axis, size: number): Record<string, unknown> {
  const layout: Record<string, unknown> = {
    title: { text: axisTitle(axis), standoff: 8 },
    automargin: true,
    gridcolor: colour("line"),
    linecolor: colour("line"),
    zeroline: false,
    ticks: "",
  };
  if (axis.categories) {
    layout.type = "linear";
    layout.tickvals = axis.categories.map((_, i) => i);
    layout.ticktext = axis.categories.map((text) => clipped(text, size));
    layout.range = [-0.5, axis.categories.length - 0.5];
    layout.showgrid = false;
  } else if (axis.time) {
    layout.type = "date";
  } else if (axis.log) {
    layout.type = "log";
    layout.exponentformat = "power";
    if (axis.range && axis.range[1] >= 100 * axis.range[0]) layout.dtick = 1; // decades alone
  }
  if (axis.range) layout.range = axis.log ? axis.range.map(Math.log10) : axis.time ? axis.range.map((t) => t * 1000) : axis.range;
  return layout;
}

function places(values: Numbers, n: number, axis: Axis): (number | null)[] {
  const all = values ?? Array.from({ length: n }, (_, i) => i);
  return axis.time ? all.map((v) => (v === null ? null : v * 1000)) : all;
}

// --- series ---

const symbols: Record<string, string> = {
  plain: "circle",
  best: "star",
  pruned: "triangle-down-open",
  failed: "x-thin-open",
  running: "circle-open",
  infeasible: "square-open",
};

function marker(series: Series, figure: Figure, tint: string): Record<string, unknown> {
  const marks = series.marks;
  const base: Record<string, unknown> = {
    size: marks ? marks.map((mark) => (mark === "best" ? 14 : 6)) : 6,
    symbol: marks ? marks.map((mark) => symbols[mark] ?? "circle") : "circle",
    opacity: series.faint ? 0.35 : 0.85,
    color: tint,
    line: {
      width: marks ? marks.map((mark) => (mark === "best" || symbols[mark]?.endsWith("-open") ? 1.2 : 0)) : 0,
      color: colour("text"), // open marks take that of the point
    },
  };
  if (figure.grid && !series.shade) {
    base.color = "#ffffff"; // seen on every shade
    base.line = { width: 0.8, color: "#1b1f24" };
  }
  if (series.shade) {
    base.color = series.shade;
    base.colorscale = scale;
    base.showscale = true;
    base.colorbar = colourBar(figure.shade);
    if (figure.shade.range) [base.cmin, base.cmax] = figure.shade.range;
    if (figure.shade.log) {
      base.color = series.shade.map((v) => (v === null || v <= 0 ? null : Math.log10(v)));
      base.colorbar = { ...colourBar(figure.shade), tickprefix: "10<sup>", ticksuffix: "</sup>" };
    }
  }
  return base;
}

function colourBar(axis: Axis): Record<string, unknown> {
  const bar: Record<string, unknown> = {
    title: { text: axis.title ? clipped(axis.title, 24) : "", side: "right" },
    thickness: 10,
    outlinewidth: 0,
    len: 0.9,
  };
  if (axis.categories) {
    bar.tickvals = axis.categories.map((_, i) => i);
    bar.ticktext = axis.categories.map((text) => clipped(text, 14));
  }
  return bar;
}

function hover(series: Series): Record<string, unknown> {
  const rows = "%{x}, %{y}";
  const trial = series.trials ? "trial %{customdata}<br>" : "";
  const name = series.name ? `<extra>${clipped(series.name, 30)}</extra>` : "<extra></extra>";
  return { customdata: series.trials, hovertemplate: trial + rows + name };
}

function lineTrace(series: Series, x: unknown[], y: unknown[], tint: string): Record<string, unknown> {
  return {
    type: "scatter",
    mode: series.faint || x.length > 60 || series.kind === "steps" ? "lines" : "lines+markers",
    x,
    y,
    line: { color: tint, width: series.faint ? 1 : 2, shape: series.kind === "steps" ? "hv" : "linear" },
    opacity: series.faint ? 0.35 : 1,
  };
}

function band(x: unknown[], low: Numbers, high: Numbers, tint: string): Record<string, unknown>[] {
  const edge = { type: "scatter", mode: "lines", x, line: { width: 0 }, hoverinfo: "skip", showlegend: false };
  return [
    { ...edge, y: low },
    { ...edge, y: high, fill: "tonexty", fillcolor: tint + "33" },
  ];
}

const stateTints: Record<string, number> = { failed: 1, pruned: 4, running: 5 };

function whiskers(series: Series, along: (number | null)[]): Record<string, unknown> {
  return {
    type: "data",
    symmetric: false,
    array: (series.high ?? []).map((v, i) => (v ?? 0) - (along[i] ?? 0)),
    arrayminus: (series.low ?? []).map((v, i) => (along[i] ?? 0) - (v ?? 0)),
    color: colour("muted"),
    thickness: 1,
  };
}

function barTrace(series: Series, figure: Figure, x: unknown[], y: unknown[], tint: string): Record<string, unknown> {
  const lying = Boolean(figure.y.categories);
  const along = (lying ? x : y) as (number | null)[];
  const trace: Record<string, unknown> = { type: "bar", orientation: lying ? "h" : "v", x, y, marker: { color: tint } };
  if (series.low && series.high) {
    trace[lying ? "error_x" : "error_y"] = whiskers(series, along);
  }
  if (series.kind === "intervals") {
    const factor = figure.x.time ? 1000 : 1;
    trace.base = x;
    trace.x = (series.end ?? []).map((end, i) => ((end ?? 0) * factor) - ((x[i] as number) ?? 0));
    trace.orientation = "h";
    if (series.marks) {
      trace.marker = { color: series.marks.map((mark) => stateTints[mark] === undefined ? tint : tintOf(stateTints[mark])) };
    }
  }
  return trace;
}

function seriesTraces(series: Series, figure: Figure, tint: string): Record<string, unknown>[] {
  const n = series.x?.length ?? series.y?.length ?? 0;
  const x = places(series.x, n, figure.x);
  const y = places(series.y, n, figure.y);
  const traces: Record<string, unknown>[] = [];
  let trace: Record<string, unknown>;
  if (series.kind === "bars" || series.kind === "intervals") {
    trace = barTrace(series, figure, x, y, tint);
  } else if (series.kind === "points") {
    trace = { type: "scatter", mode: "markers", x, y, marker: marker(series, figure, tint) };
    if (series.low && series.high) trace.error_y = whiskers(series, y);
  } else {
    if (series.low && series.high) traces.push(...band(x, series.low, series.high, tint));
    trace = lineTrace(series, x, y, tint);
  }
  if (series.labels?.some((label) => label !== null) && series.kind === "points") {
    trace.mode = "markers+text";
    trace.text = series.labels.map((label) => (label === null ? "" : clipped(label, 24)));
    trace.textposition = "top center";
    trace.cliponaxis = false;
  }
  Object.assign(trace, hover(series), {
    name: series.name ? clipped(series.name, 32) : "",
    showlegend: Boolean(series.name),
  });
  return [...traces, trace];
}

// --- grids and axes side by side ---

function gridTraces(figure: Figure): Record<string, unknown>[] {
  const grid = figure.grid;
  if (!grid) return [];
  const cells = Boolean(figure.x.categories || figure.y.categories);
  return [
    {
      type: cells ? "heatmap" : "contour",
      x: grid.x,
      y: grid.y,
      z: grid.values,
      colorscale: scale,
      colorbar: colourBar(figure.shade),
      ...(cells ? (figure.x.categories ? { xgap: 1, ygap: 1 } : {}) : { contours: { coloring: "fill", showlines: false }, ncontours: 24 }),
      ...(grid.written ? { texttemplate: "%{z:.2f}" } : {}),
      hovertemplate: "%{x}, %{y}: %{z}<extra></extra>",
    },
  ];
}

const axisWidth = 56; // pixels that a name and its range need; more of them are scrolled

// The place of a value between the ends of its axis, 0 to 1.
function parallelPlace(axis: Axis, low: number, high: number, value: number | null): number | null {
  if (value === null) return null;
  const [a, b, v] = axis.log ? [Math.log(low), Math.log(high), Math.log(value)] : [low, high, value];
  return b > a ? (v - a) / (b - a) : 0.5;
}

function parallelEnds(figure: Figure): [number, number][] {
  const parallel = figure.parallel!;
  return parallel.axes.map((axis, k) => {
    if (axis.categories) return [0, Math.max(1, axis.categories.length - 1)];
    if (axis.range) return axis.range;
    const seen = parallel.values.map((row) => row[k]).filter((v): v is number => v !== null && (!axis.log || v > 0));
    return seen.length ? [seen.reduce((a, b) => Math.min(a, b)), seen.reduce((a, b) => Math.max(a, b))] : [0, 1];
  });
}

function shadeColour(at: number): string {
  const place = Math.max(0, Math.min(1, at)) * (scale.length - 1);
  return scale[Math.round(place)][1];
}

// Lines of one shade are one trace: a trace a line would be slow.
function parallelTraces(figure: Figure): Record<string, unknown>[] {
  const parallel = figure.parallel;
  if (!parallel) return [];
  const ends = parallelEnds(figure);
  const shades = (parallel.shade ?? []).filter((v): v is number => v !== null);
  const low = shades.reduce((a, b) => Math.min(a, b), Infinity);
  const high = shades.reduce((a, b) => Math.max(a, b), -Infinity);
  const groups = new Map<string, { x: (number | null)[]; y: (number | null)[] }>();
  parallel.values.forEach((row, i) => {
    const shade = parallel.shade?.[i];
    const best = parallel.marks?.[i] === "best";
    const tint = best ? tintOf(1) : shade === null || shade === undefined ? "#999999" : shadeColour(high > low ? (shade - low) / (high - low) : 0.5);
    const group = groups.get(tint) ?? { x: [], y: [] };
    row.forEach((value, k) => {
      group.x.push(k);
      group.y.push(parallelPlace(parallel.axes[k], ends[k][0], ends[k][1], value));
    });
    group.x.push(null);
    group.y.push(null);
    groups.set(tint, group);
  });
  const thin = parallel.values.length > 200 ? 0.35 : 0.7;
  return [...groups].map(([tint, group]) => ({
    type: "scatter",
    mode: "lines",
    ...group,
    line: { color: tint, width: tint === tintOf(1) ? 2.5 : 1 },
    opacity: tint === tintOf(1) ? 1 : thin,
    hoverinfo: "skip",
    showlegend: false,
  }));
}

function parallelAnnotations(figure: Figure, short: (value: number) => string): unknown[] {
  const ends = figure.parallel ? parallelEnds(figure) : [];
  const note = (x: number, y: number, text: string, anchor: string) => ({
    x,
    y,
    text,
    showarrow: false,
    yanchor: anchor,
    font: { size: 10, color: colour("muted") },
    ...(anchor === "middle" ? { xanchor: "left", xshift: 3 } : {}),
  });
  return (figure.parallel?.axes ?? []).flatMap((axis, k) => {
    if (axis.categories) {
      const last = Math.max(1, axis.categories.length - 1);
      return axis.categories.map((text, i) => note(k, i / last, clipped(text, 12), "middle"));
    }
    return [note(k, 1.02, short(ends[k][1]), "bottom"), note(k, -0.02, short(ends[k][0]), "top")];
  });
}

// --- the whole figure ---

function shapes(figure: Figure): unknown[] {
  return figure.rules.map((rule) => ({
    type: "line",
    xref: rule.upright ? "x" : "paper",
    yref: rule.upright ? "paper" : "y",
    x0: rule.upright ? rule.at : 0,
    x1: rule.upright ? rule.at : 1,
    y0: rule.upright ? 0 : rule.at,
    y1: rule.upright ? 1 : rule.at,
    line: { color: colour("muted"), width: 1, dash: "dot" },
  }));
}

function layoutOf(figure: Figure, width: number, short: (value: number) => string): Record<string, unknown> {
  const narrow = width < 480;
  const layout: Record<string, unknown> = {
    autosize: true,
    font: { family: "system-ui, sans-serif", size: 12, color: colour("text") },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 50, r: 16, t: 12, b: 40 },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 11 } },
    hoverlabel: { bgcolor: colour("surface"), bordercolor: colour("line"), font: { color: colour("text") } },
    dragmode: narrow ? false : "zoom",
    barmode: figure.stacked ? "stack" : figure.series.some((s) => s.kind === "intervals") ? "overlay" : "group",
    xaxis: axisLayout(figure.x, narrow ? 10 : 16),
    yaxis: axisLayout(figure.y, narrow ? 12 : 24),
    shapes: shapes(figure),
    uirevision: "kept",
  };
  if (figure.y.categories && figure.series.some((s) => s.kind === "bars" || s.kind === "intervals")) {
    (layout.yaxis as Record<string, unknown>).range = [figure.y.categories.length - 0.5, -0.5]; // the first one above
  }
  if (figure.parallel) {
    const axes = figure.parallel.axes;
    layout.xaxis = {
      tickvals: axes.map((_, k) => k),
      ticktext: axes.map((axis) => clipped(axis.title ?? "", narrow ? 8 : 14)),
      range: [-0.3, axes.length - 0.7],
      gridcolor: colour("line"),
      zeroline: false,
      automargin: true,
      tickangle: axes.length > (narrow ? 3 : 7) ? -45 : 0,
    };
    layout.yaxis = { visible: false, range: [-0.12, 1.12], fixedrange: true };
    layout.annotations = parallelAnnotations(figure, short);
  }
  return layout;
}

export interface PlotView {
  node: HTMLElement;
  draw(page: FigurePage): Promise<void>;
  destroy(): void;
}

// A place for the figures of one page. pick: a point of a trial was clicked.
export function plotView(short: (value: number) => string, pick: (trial: number) => void): PlotView {
  const node = el("div", { class: "figures" });
  let last: FigurePage | null = null;
  const drawn: HTMLElement[] = [];

  async function drawFigure(place: HTMLElement, figure: Figure): Promise<void> {
    const Plotly = await plotly();
    const traces = figure.series.flatMap((series, i) => seriesTraces(series, figure, tintOf((series.paint ?? i + 1) - 1)));
    if (figure.parallel) place.style.minWidth = `${figure.parallel.axes.length * axisWidth}px`;
    const data = [...gridTraces(figure), ...parallelTraces(figure), ...traces];
    const config = { displaylogo: false, responsive: true, displayModeBar: false, doubleClick: "reset" };
    await Plotly.react(place, data, layoutOf(figure, place.clientWidth, short), config);
    if (!drawn.includes(place)) {
      drawn.push(place);
      const events = place as unknown as { on(name: string, f: (event: { points: Point[] }) => void): void };
      events.on("plotly_click", (event) => {
        const trial = event.points[0]?.customdata;
        if (trial !== undefined && trial >= 0) pick(trial);
      });
    }
  }

  async function draw(page: FigurePage): Promise<void> {
    last = page;
    if (node.childElementCount !== page.figures.length) {
      await forget();
      replace(node, ...page.figures.map(() => figureFrame()));
    }
    node.classList.toggle("several", page.figures.length > 1);
    await Promise.all(
      page.figures.map((figure, i) => {
        const frame = node.children[i] as HTMLElement;
        const [place, empty] = [frame.children[0] as HTMLElement, frame.children[1] as HTMLElement];
        place.hidden = Boolean(figure.empty);
        empty.hidden = !figure.empty;
        empty.textContent = figure.empty ?? "";
        const title = page.figures.length > 1 && figure.title !== figure.x.title ? figure.title : undefined;
        frame.children[2].textContent = [title, figure.note].filter(Boolean).join(": ");
        frame.setAttribute("aria-label", figure.title ?? page.title ?? page.kind);
        return figure.empty ? Promise.resolve() : drawFigure(place, figure);
      }),
    );
    node.dataset.drawn = String(Number(node.dataset.drawn ?? 0) + 1);
  }

  async function forget(): Promise<void> {
    if (drawn.length) {
      const Plotly = await plotly();
      drawn.splice(0).forEach((place) => Plotly.purge(place));
    }
  }

  const stop = onTheme(() => last && void draw(last));
  return {
    node,
    draw,
    destroy() {
      stop();
      void forget();
    },
  };
}

function figureFrame(): HTMLElement {
  return el(
    "figure",
    { role: "img" },
    el("div", { class: "plot" }),
    el("p", { class: "empty", hidden: true }),
    el("figcaption", { class: "muted" }),
  );
}
