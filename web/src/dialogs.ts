// Messages, the list of keys, and the question for a token.
import { el, replace } from "./dom";
import type { Keys } from "./page";

const shown = 8000; // milliseconds

export function showMessage(text: string, bad: boolean): void {
  const place = document.getElementById("messages")!;
  const same = [...place.children].find((node) => node.firstChild?.textContent === text);
  same?.remove();
  const note = el("div", { class: bad ? "message bad" : "message" }, el("span", {}, text));
  note.append(el("button", { type: "button", class: "quiet", "aria-label": "close", onclick: () => note.remove() }, "×"));
  place.append(note);
  setTimeout(() => note.remove(), shown);
}

function open(dialog: HTMLDialogElement): void {
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

export function keyHelp(keys: Keys): void {
  const rows = Object.entries(keys).map(([key, { help }]) =>
    el("tr", {}, el("td", {}, el("kbd", {}, key)), el("td", {}, help)),
  );
  const close = el("button", { type: "submit" }, "Close");
  open(
    el(
      "dialog",
      { class: "keys", "aria-label": "keys" },
      el("h2", {}, "Keys"),
      el("table", {}, el("tbody", {}, ...rows)),
      el("form", { method: "dialog" }, close),
    ),
  );
}

export function askForToken(): Promise<string> {
  const field = el("input", { type: "password", autocomplete: "off", required: true, "aria-label": "token" });
  const dialog = el("dialog", { class: "token", "aria-label": "token" });
  return new Promise((resolve) => {
    const send = (event: Event) => {
      event.preventDefault();
      dialog.close();
      resolve(field.value.trim());
    };
    const form = el("form", { onsubmit: send }, field, el("button", { type: "submit" }, "Show"));
    replace(
      dialog,
      el("h2", {}, "A token is needed"),
      el("p", {}, "hone dashboard printed it, or its file has it."),
      form,
    );
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    open(dialog);
  });
}
