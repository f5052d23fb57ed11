// The head of a study's pages: name, tabs, whether it is live, counts.
import { el, setText } from "./dom";
import { short, numberOf, count } from "./format";
import type { Feed } from "./feed";
import { studyLink } from "./page";

const tabs = [
  { name: "Plots", rest: "" },
  { name: "Trials", rest: "/trials" },
  { name: "Note", rest: "/note" },
];

const states = ["complete", "pruned", "failed", "running", "paused", "waiting"];

export function bestText(feed: Feed): string {
  const { best, front, objectives } = feed.summary;
  if (best) return `${short(numberOf(best.values[0]))} (trial ${best.trial})`;
  if (objectives.length > 1) return front ? count(front.length, "trial") + " on the Pareto front" : "several objectives";
  return "no complete trial yet";
}

export function goalText(feed: Feed): string {
  return feed.summary.objectives.map((o) => `${o.direction} ${o.name}`).join(", ");
}

export function heading(feed: Feed, tab: string): { node: HTMLElement; destroy: () => void } {
  const dot = el("span", { class: "dot", role: "status" });
  const counts = el("p", { class: "counts" });
  const best = el("strong", {});
  const node = el(
    "section",
    { class: "heading" },
    el("p", { class: "crumbs" }, el("a", { href: "#/" }, "studies"), " / "),
    el("h1", {}, feed.study, " ", dot),
    el("p", { class: "goal muted" }, goalText(feed), " · best ", best),
    counts,
    el(
      "nav",
      { class: "tabs", "aria-label": "pages of the study" },
      ...tabs.map(({ name, rest }) =>
        el("a", { href: studyLink(feed.study, rest), "aria-current": name === tab ? "page" : null }, name),
      ),
    ),
  );
  const chips = states.map((state) => {
    const number = el("b", {});
    return { state, number, chip: el("span", { class: `chip ${state}` }, number, ` ${state}`) };
  });
  const total = el("b", {});
  counts.append(el("span", { class: "chip" }, total, " trials"), ...chips.map(({ chip }) => chip));

  function update(): void {
    const { summary, live } = feed;
    dot.className = `dot ${live}`;
    dot.title = live === "live" ? "live: what is told appears here" : "not connected; trying again";
    dot.setAttribute("aria-label", dot.title);
    setText(best, bestText(feed));
    setText(total, summary.total.toLocaleString("en"));
    for (const { state, number, chip } of chips) {
      const n = summary.counts[state] ?? 0;
      setText(number, n.toLocaleString("en"));
      chip.classList.toggle("zero", n === 0);
    }
  }
  update();
  return { node, destroy: feed.onChange(update) };
}
