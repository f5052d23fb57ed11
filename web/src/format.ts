// Numbers, times and values as people read them.
import type { Value } from "./types";

// What JSON has no number for comes as "nan", "inf", "-inf".
export function numberOf(value: Value | undefined): number {
  if (typeof value === "number") return value;
  if (value === "inf") return Infinity;
  if (value === "-inf") return -Infinity;
  return NaN;
}

// Five digits; 1e-5 rather than 0.00001.
export function short(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value);
  const size = Math.abs(value);
  const text = size < 1e-4 || size >= 1e7 ? value.toExponential(3) : value.toPrecision(5);
  return text.replace(/(\.\d*?)0+(e|$)/, "$1$2").replace(/\.(e|$)/, "$1");
}

export function valueText(value: Value | undefined): string {
  if (value === undefined) return "";
  if (value === null) return "null";
  return typeof value === "number" ? short(value) : String(value);
}

export function objectiveText(value: Value | undefined): string {
  return value === undefined ? "" : short(numberOf(value));
}

export function seconds(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "";
  if (value < 1e-3) return `${short(value * 1e6)} µs`;
  if (value < 1) return `${short(Math.round(value * 1e4) / 10)} ms`;
  if (value < 120) return `${short(Math.round(value * 100) / 100)} s`;
  if (value < 7200) return `${short(Math.round(value / 6) / 10)} min`;
  return `${short(Math.round(value / 360) / 10)} h`;
}

// "2026-11-22 05:01:17.123456" in UTC becomes the reader's own time, to the second.
export function time(utc: string | null | undefined): string {
  if (!utc) return "";
  const date = new Date(utc.replace(" ", "T") + "Z");
  if (Number.isNaN(date.getTime())) return utc;
  const two = (n: number) => String(n).padStart(2, "0");
  return (
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  );
}

export function count(n: number, what: string): string {
  return `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
}
