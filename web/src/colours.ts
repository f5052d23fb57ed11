// Colours that colour-blind people tell apart (Okabe and Ito 2008), and what the page's colours are now.
import { theme } from "./theme";

const onLight = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a7a00", "#7f7f7f"];
const onDark = ["#3d9fe0", "#f07a35", "#1fbf90", "#dc93bd", "#e8a917", "#85cdf5", "#bcae3a", "#9aa0a6"];

// The i-th of them, from 0 on; after eight they begin anew.
export function tintOf(i: number): string {
  const palette = theme() === "dark" ? onDark : onLight;
  return palette[i % palette.length];
}

// Viridis (Smith and van der Walt 2015), at equal steps.
export const scale: [number, string][] = [
  [0, "#440154"],
  [0.125, "#472d7b"],
  [0.25, "#3b528b"],
  [0.375, "#2c728e"],
  [0.5, "#21918c"],
  [0.625, "#28ae80"],
  [0.75, "#5ec962"],
  [0.875, "#addc30"],
  [1, "#fde725"],
];

export function colour(name: "text" | "muted" | "line" | "surface"): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
