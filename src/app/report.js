"use strict";
/* Tables of trials are sorted by a click on a heading, or Enter there. Without this they are read as they are. */
const units = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86400 };
const worth = (text) => {
  const number = Number(text);
  if (text !== "" && !Number.isNaN(number)) return number;
  if (text === "inf" || text === "-inf") return text === "inf" ? Infinity : -Infinity;
  const parts = text.match(/^(\d[\d.]* (?:ms|s|min|h|d))( \d[\d.]* (?:s|min|h))*$/);
  return parts ? [...text.matchAll(/([\d.]+) (\w+)/g)].reduce((sum, [, n, unit]) => sum + n * units[unit], 0) : text;
};
const order = (a, b) => (a === "") - (b === "") || typeof a !== typeof b && (typeof a > typeof b ? 1 : -1) ||
  (a > b) - (a < b);
const sort = (head) => {
  const up = head.getAttribute("aria-sort") !== "ascending", column = head.cellIndex;
  const body = head.closest("table").tBodies[0];
  const rows = [...body.rows].map((row) => [worth(row.cells[column].textContent), row]);
  for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  rows.sort(([a], [b]) => a === "" || b === "" || up ? order(a, b) : order(b, a));
  body.append(...rows.map(([, row]) => row));
};
for (const head of document.querySelectorAll("table.trials thead th")) {
  head.tabIndex = 0;
  head.className += " sorts";
  head.addEventListener("click", () => sort(head));
  head.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(head); });
}
