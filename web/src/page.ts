// What a page is, and what it may use.
import type { Info } from "./types";

export interface Keys {
  [key: string]: { help: string; run: () => void };
}

export interface Page {
  title: string;
  keys?: Keys;
  destroy?: () => void;
}

export interface Context {
  info: Info;
  query: URLSearchParams;
  fail: (error: unknown) => void;
  say: (text: string) => void;
  // Called by a page that was left meanwhile? Then it should not go on.
  left: () => boolean;
}

export type MakePage = (root: HTMLElement, parts: string[], context: Context) => Promise<Page>;

export function studyLink(study: string, rest = ""): string {
  return `#/study/${encodeURIComponent(study)}${rest}`;
}

export function go(hash: string): void {
  location.hash = hash;
}
