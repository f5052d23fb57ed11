// The study's note, which Optuna's dashboard shows, too.
import { get, post, studyPath } from "../api";
import { el, replace } from "../dom";
import { openFeed } from "../feed";
import { heading } from "../heading";
import { go, studyLink, type MakePage } from "../page";
import type { Note, Summary } from "../types";

export const notePage: MakePage = async (root, parts, context) => {
  const study = parts[1];
  const feed = await openFeed(study, context.fail);
  const head = heading(feed, "Note");
  let note: Note = feed.summary.note;
  const field = el("textarea", { rows: 16, "aria-label": "note", value: note.text, readonly: !context.info.edit });
  const save = el("button", { type: "button", disabled: true }, "Save");
  const said = el("span", { class: "muted" }, note.version ? `version ${note.version}` : "");
  const read = el("p", { class: "note-text" }, note.text);
  const hint = el("p", { class: "muted" }, note.text ? "" : "There is no note yet. ", "hone dashboard --allow-edit lets it be written here.");
  replace(root, head.node, el("section", { class: "box wide" }, el("h2", {}, "Note"), ...(context.info.edit ? [field, el("div", { class: "bar" }, save, said)] : [read, hint])));

  field.addEventListener("input", () => (save.disabled = field.value === note.text));
  async function send(): Promise<void> {
    save.disabled = true;
    try {
      const answer = await post<{ note: Note }>(studyPath(study, "/note"), { text: field.value, version: note.version });
      note = answer.note;
      said.textContent = `saved; version ${note.version}`;
    } catch (error) {
      context.fail(error);
      save.disabled = false;
    }
  }
  save.addEventListener("click", () => void send());

  // Somebody else's change is taken over while nothing is being written.
  const stop = feed.onChange(() => {
    void get<{ summary: Summary }>(studyPath(study)).then(({ summary }) => {
      if (field.value !== note.text || summary.note.version === note.version) return;
      note = summary.note;
      field.value = note.text;
      read.textContent = note.text;
    }, context.fail);
  });
  root.dataset.ready = "yes";
  return {
    title: `note on ${study}`,
    keys: { p: { help: "plots", run: () => go(studyLink(study)) }, t: { help: "table of trials", run: () => go(studyLink(study, "/trials")) } },
    destroy() {
      stop();
      feed.destroy();
      head.destroy();
    },
  };
};
