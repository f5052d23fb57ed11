// The page: which part of the address shows what, keys, messages.
import { ApiError, get, keepToken, onTokenNeeded } from "./api";
import { el, replace } from "./dom";
import { askForToken, keyHelp, showMessage } from "./dialogs";
import { go, type Context, type MakePage, type Page } from "./page";
import { comparePage } from "./pages/compare";
import { notePage } from "./pages/note";
import { studiesPage } from "./pages/studies";
import { studyPage } from "./pages/study";
import { trialPage } from "./pages/trial";
import { trialsPage } from "./pages/trials";
import { trialsComparedPage } from "./pages/trials_compared";
import { startTheme, toggleTheme } from "./theme";
import type { Info } from "./types";

const root = document.getElementById("page")!;
let page: Page = { title: "" };
let visit = 0;
let info: Info | null = null;

// --- addresses ---

function find(parts: string[]): MakePage | null {
  const [first, study, what, which] = parts;
  if (!first) return studiesPage;
  if (first === "compare" && parts.length === 1) return comparePage;
  if (first !== "study" || !study) return null;
  if (parts.length === 2) return studyPage;
  if (what === "trials" && parts.length === 3) return trialsPage;
  if (what === "note" && parts.length === 3) return notePage;
  if (what === "trial" && which && parts.length === 4) return trialPage;
  return what === "compare" && which && parts.length === 4 ? trialsComparedPage : null;
}

function fail(error: unknown): void {
  showMessage(error instanceof Error ? error.message : String(error), true);
}

function showFailure(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  const missing = error instanceof ApiError && error.code === 404;
  replace(
    root,
    el("h1", {}, missing ? "Not found" : "That did not work"),
    el("p", { class: "empty", role: "alert" }, text),
    el("p", {}, el("a", { href: "#/" }, "all studies")),
  );
}

async function show(): Promise<void> {
  const mine = ++visit;
  const [path, query] = location.hash.slice(1).split("?", 2);
  page.destroy?.();
  page = { title: "" };
  replace(root);
  delete root.dataset.ready;
  try {
    const parts = path.split("/").slice(1).map(decodeURIComponent);
    const make = find(parts[0] === "" ? [] : parts);
    if (!make) throw new ApiError(404, "There is no such page.");
    info ??= await get<Info>("/api/info");
    const context: Context = {
      info,
      query: new URLSearchParams(query ?? ""),
      fail,
      say: (text) => showMessage(text, false),
      left: () => mine !== visit,
    };
    const made = await make(root, parts, context);
    if (mine !== visit) {
      made.destroy?.();
      return;
    }
    page = made;
    document.title = page.title ? `${page.title} – hone` : "hone";
  } catch (error) {
    if (mine === visit) showFailure(error);
  }
}

// --- keys ---

const everywhere = {
  "?": { help: "these keys", run: () => keyHelp({ ...page.keys, ...everywhere }) },
  g: { help: "all studies", run: () => go("#/") },
  d: { help: "dark or light", run: toggleTheme },
};

function onKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const typing = target.matches("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape" && typing) {
    event.preventDefault(); // a search field would be emptied without a word
    target.blur();
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const key = { ...page.keys, ...everywhere }[event.key];
  if (key) {
    event.preventDefault();
    key.run();
  }
}

// --- the beginning ---

function showTop(): void {
  const dark = el("button", { type: "button", class: "quiet", "aria-label": "dark or light", title: "dark or light (d)", onclick: toggleTheme }, "◐");
  const help = el("button", { type: "button", class: "quiet", "aria-label": "keys", title: "keys (?)", onclick: () => everywhere["?"].run() }, "?");
  replace(document.getElementById("top")!, el("a", { href: "#/", class: "brand" }, "hone"), el("span", { class: "space" }), dark, help);
}

// "#token=..." is what hone prints: it is kept and taken out of the address.
function takeToken(): void {
  const token = /^#token=([!-~]+)$/.exec(location.hash);
  if (token) {
    keepToken(decodeURIComponent(token[1]));
    history.replaceState(null, "", location.pathname + "#/");
  }
}

takeToken();
startTheme();
showTop();
onTokenNeeded(askForToken);
addEventListener("hashchange", () => void show());
addEventListener("keydown", onKey);
void show();
