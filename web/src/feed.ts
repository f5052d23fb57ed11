// A study as it is now: its summary, kept up to date by events.
import { get, listen, studyPath, type Live } from "./api";
import type { State, Summary } from "./types";

export interface Feed {
  readonly study: string;
  summary: Summary;
  live: Live;
  // Called when something changed, now and then; returns what ends it.
  onChange(f: () => void): () => void;
  refresh(): Promise<void>;
  destroy(): void;
}

export async function openFeed(study: string, failed: (error: unknown) => void): Promise<Feed> {
  const end = new AbortController();
  const listeners = new Set<() => void>();
  const first = await get<{ summary: Summary }>(studyPath(study));
  const feed: Feed = {
    study,
    summary: first.summary,
    live: "waiting",
    onChange(f) {
      listeners.add(f);
      return () => listeners.delete(f);
    },
    async refresh() {
      feed.summary = (await get<{ summary: Summary }>(studyPath(study))).summary;
      tell();
    },
    destroy: () => end.abort(),
  };
  const tell = () => listeners.forEach((f) => f());

  // A parameter that no trial had before needs the whole summary; so does the end of a run.
  async function take(state: State): Promise<void> {
    const known = new Set(feed.summary.params.map((p) => p.name));
    const unknown = Object.keys(state.best?.params ?? {}).some((name) => !known.has(name));
    const idle = !state.counts.running && feed.summary.counts.running > 0;
    const before = feed.summary.revision;
    feed.summary = { ...feed.summary, ...state };
    if (unknown || idle || !feed.summary.params.length) await feed.refresh();
    else if (before !== state.revision) tell();
  }

  void listen(
    `/api/events?study=${encodeURIComponent(study)}`,
    end.signal,
    (event, data) => {
      if (event === "state") void take(data as State).catch(failed);
      else failed(new Error((data as { message?: string }).message ?? "the study is gone"));
    },
    (live) => {
      feed.live = live;
      tell();
    },
  );
  return feed;
}

// Runs f now and after each call of the answer, but never twice at once, and with a pause of a second, or three times
// as long as f took, between two runs.
export function throttled(f: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  async function run(): Promise<void> {
    running = true;
    const begun = performance.now();
    again = false;
    await f();
    setTimeout(
      () => {
        running = false;
        if (again) void run();
      },
      Math.max(1000, 3 * (performance.now() - begun)),
    );
  }
  return () => {
    again = true;
    if (!running) void run();
  };
}
