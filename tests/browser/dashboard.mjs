// The dashboard as a user sees it. Arguments: the address of one that may be edited, that of one with a token and what
// follows there, the storage.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { check, drawn, fits, open, picture, ready, sizes, studyHash, withBrowser, withPage } from "./browser.mjs";

const [base, guarded, token, storage] = process.argv.slice(2);
const HOSTILE = "<script>alert(1)</script>";
const LONG = "study " + "of a long name ".repeat(12);

// `hone serve --stdio`: another process that tells.
class Session {
  constructor() {
    this.process = spawn(process.env.HONE_PROGRAM, ["serve", "--stdio", "--storage", storage], { stdio: ["pipe", "pipe", "inherit"] });
    this.answers = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  async ask(op, body) {
    this.process.stdin.write(`${JSON.stringify({ op, ...body })}\n`);
    const answer = JSON.parse((await this.answers.next()).value);
    check(answer.ok, `${op}: ${JSON.stringify(answer)}`);
    return answer;
  }

  end() {
    this.process.stdin.end();
  }
}

const texts = (page, selector) => page.locator(selector).allInnerTexts();
const numbers = async (page) => (await texts(page, "tbody tr td:nth-child(2)")).map(Number);
const until = (page, test, argument) => page.waitForFunction(test, argument);

async function studies(page) {
  await open(page, base, "#/");
  check((await page.title()).includes("hone"), "the title");
  check((await texts(page, "tbody tr")).length === 8, "every study is listed");
  await page.keyboard.press("/");
  await page.keyboard.type("TPE");
  await until(page, () => document.querySelectorAll("tbody tr").length === 1);
  await page.keyboard.press("Control+A");
  await page.keyboard.type("no such study");
  await page.getByText("No study has that in its name.").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("dark or light").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("searchbox").fill("");
  await page.getByRole("link", { name: "digits", exact: true }).click();
  await ready(page);
  check((await page.locator("h1").innerText()).startsWith("digits"), "a click opens the study");
}

async function filterAndSort(page) {
  await open(page, base, studyHash("digits", "/trials"));
  const first = await numbers(page);
  check(first.length === 50 && first[0] === 120 && first[49] === 71, `newest first: ${first}`);
  await page.keyboard.press("j");
  await until(page, () => document.querySelector(".place").textContent.startsWith("51–100 of 121"));
  await page.getByLabel("filter").fill("lr < 0.001 and state == complete");
  await until(page, () => location.hash.includes("filter=") && document.querySelector(".place").textContent.startsWith("1–"));
  await until(page, () => [...document.querySelectorAll("tbody .state")].every((n) => n.textContent === "complete"));
  await page.keyboard.press("Escape");
  await page.keyboard.press("v");
  await until(page, () => document.querySelector("th[aria-sort=ascending]")?.textContent.startsWith("loss"));
  await until(page, () => {
    const values = [...document.querySelectorAll("tbody tr td:nth-child(4)")].map((n) => Number(n.textContent));
    return values.length > 3 && values.every((v, i) => !i || v >= values[i - 1]);
  });
  const best = (await numbers(page))[0];
  await page.reload(); // the address says all that is shown
  await ready(page);
  check((await numbers(page))[0] === best, "the order is kept by the address");
  await page.getByLabel("filter").fill("lr <");
  await page.getByRole("alert").getByText("filter:").waitFor();
  await page.getByLabel("filter").fill("lr > 1");
  await page.getByText("No trial meets the filter.").waitFor();
  await page.getByLabel("filter").fill("");
  await page.locator("label.chip.failed").click();
  await until(page, () => document.querySelector(".place").textContent === "1–6 of 6" || document.querySelector(".place").textContent === "1–5 of 5");
}

async function columns(page) {
  await open(page, base, studyHash("wide", "/trials"));
  check((await texts(page, "thead th")).length === 13, "eight parameters of sixty are shown");
  await page.keyboard.press("o");
  await page.getByRole("button", { name: "All" }).click();
  await until(page, () => document.querySelectorAll("thead th").length === 69);
  await page.keyboard.press("Escape");
  await fits(page, "a table of 69 columns scrolls within its frame");
  await page.reload();
  await ready(page);
  check((await texts(page, "thead th")).length === 69, "columns are kept");
}

// Another process tells; nothing on the page moves.
async function live(page) {
  const session = new Session();
  await open(page, base, studyHash("digits"));
  await page.locator(".dot.live").waitFor();
  await drawn(page);
  const places = () => page.locator("#page h2, .chip, .panel").evaluateAll((nodes) => nodes.map((n) => Math.round(n.getBoundingClientRect().top)).join());
  const before = await places();
  await page.evaluate(() => {
    window.shift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.shift += entry.value))).observe({ type: "layout-shift" });
  });
  const versions = () => page.locator("#plot-history .figures").evaluate((n) => Number(n.dataset.drawn));
  const version = await versions();
  for (let i = 0; i < 5; i++) {
    const { trial } = await session.ask("ask", { study: "digits" });
    await session.ask("tell", { study: "digits", trial, values: [0.05 - i / 1000] });
    await until(page, (n) => document.querySelector(".counts b").textContent === String(n), 122 + i);
  }
  await until(page, () => document.querySelector(".goal strong").textContent.startsWith("0.046"));
  await until(page, (n) => Number(document.querySelector("#plot-history .figures").dataset.drawn) > n, version);
  check((await places()) === before, "something moved while the study ran");
  const shift = await page.evaluate(() => window.shift);
  check(shift < 0.01, `layout shift ${shift}`);
  await page.goto(base + "/" + studyHash("digits", "/trials"));
  await ready(page);
  const { trial } = await session.ask("ask", { study: "digits" });
  await until(page, (n) => document.querySelector(`tr[data-trial="${n}"] .state`)?.textContent === "running", trial);
  await session.ask("tell", { study: "digits", trial, values: [2] });
  await until(page, (n) => document.querySelector(`tr[data-trial="${n}"] .state`)?.textContent === "complete", trial);
  await page.goto(base + "/#/");
  await ready(page);
  await session.ask("create", { study: "made meanwhile", goal: ["minimize loss"], space: { x: { float: [0, 1] } }, sampler: "random", seed: 1 });
  await page.getByRole("link", { name: "made meanwhile" }).waitFor();
  await session.ask("delete", { study: "made meanwhile" });
  session.end();
}

async function zoom(page) {
  await open(page, base, studyHash("digits"));
  await drawn(page);
  const range = () => page.locator("#plot-history .plot").evaluate((n) => n.layout.xaxis.range.join());
  const whole = await range();
  const box = await page.locator("#plot-history .nsewdrag").first().boundingBox();
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.3);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.7, { steps: 5 });
  await page.mouse.up();
  await until(page, (before) => document.querySelector("#plot-history .plot").layout.xaxis.range.join() !== before, whole);
  const zoomed = await range();
  const session = new Session();
  const { trial } = await session.ask("ask", { study: "digits" });
  const version = await page.locator("#plot-history .figures").evaluate((n) => Number(n.dataset.drawn));
  await session.ask("tell", { study: "digits", trial, values: [1] });
  await until(page, (n) => Number(document.querySelector("#plot-history .figures").dataset.drawn) > n, version);
  check((await range()) === zoomed, "a plot that is drawn anew keeps its zoom");
  session.end();
}

async function compare(page) {
  await open(page, base, studyHash("digits", "/trials"));
  for (const number of [117, 116]) await page.getByLabel(`choose trial ${number}`).check();
  await page.keyboard.press("c");
  await page.getByRole("heading", { name: "Trials compared", exact: true }).waitFor();
  await ready(page);
  check((await texts(page, "thead a")).join() === "trial 116,trial 117", "the chosen trials");
  check((await texts(page, "tr.differs th")).includes("lr"), "what differs is marked");
  await page.locator(".box .main-svg").first().waitFor();
  await open(page, base, "#/");
  await page.getByLabel("choose digits", { exact: true }).check();
  await page.getByLabel("choose digits tpe").check();
  await page.keyboard.press("c");
  await page.getByRole("heading", { name: "Studies compared", exact: true }).waitFor();
  await ready(page);
  check((await texts(page, "thead a")).join() === "digits,digits tpe", "the chosen studies");
}

async function oneTrial(page) {
  await open(page, base, studyHash("digits", "/trial/12"));
  await page.locator(".box .main-svg").first().waitFor();
  check((await texts(page, ".facts dt")).includes("optimizer"), "parameters");
  await page.keyboard.press("j");
  await until(page, () => location.hash.endsWith("/trial/13") && document.querySelector("#page[data-ready]"));
  await open(page, base, studyHash("digits", "/trial/7"));
  await page.getByText("out of memory: <b>3 GB</b> of 2 GB").waitFor();
  await open(page, base, studyHash("logged", "/trial/0"));
  await page.locator(".log").getByText("a line of the log").waitFor();
}

async function note(page) {
  await open(page, base, studyHash("front", "/note"));
  const text = "Two goals. <b>not bold</b>";
  await page.getByRole("textbox", { name: "note" }).fill(text);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("saved; version").waitFor();
  await page.reload();
  await ready(page);
  check((await page.getByRole("textbox", { name: "note" }).inputValue()) === text, "the note is kept");
}

async function hostile(page) {
  for (const rest of ["", "/trials", "/trial/1", "/note", "/compare/0,1,2"]) {
    await open(page, base, studyHash(HOSTILE, rest));
    if (!rest) await drawn(page);
    check((await page.locator("h1").innerText()).startsWith(HOSTILE), "the name is shown as it is");
    check((await page.locator("#page script, #page img, #page u, #page svg[onload]").count()) === 0, `markup of a user in ${rest}`);
  }
  await open(page, base, studyHash(HOSTILE, "/trials"));
  await page.locator(".list").getByText("<b>bold</b>").first().waitFor();
}

async function withToken(page) {
  await page.goto(`${guarded}/`);
  await page.getByText("A token is needed").waitFor();
  await page.getByLabel("token", { exact: true }).last().fill("0000000000000000");
  await page.getByRole("button", { name: "Show" }).click();
  await until(page, () => document.querySelector("dialog input")?.value === "");
  await page.goto("about:blank");
  await page.goto(`${guarded}/${token}`);
  await page.getByRole("link", { name: "front" }).waitFor();
  check(!page.url().includes("token"), "the token does not stay in the address");
  await page.getByRole("link", { name: "front" }).click();
  await page.locator(".dot.live").waitFor();
  await open(page, guarded, studyHash("front", "/note"));
  check((await page.locator("textarea").count()) === 0, "nothing can be written without --allow-edit");
}

async function themes(page) {
  await open(page, base, "#/");
  const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await back();
  await page.emulateMedia({ colorScheme: "dark" });
  await until(page, (before) => getComputedStyle(document.body).backgroundColor !== before, light); // dark as the system
  await page.keyboard.press("d");
  check((await back()) === light, "d turns it light");
  await page.reload();
  await ready(page);
  check((await back()) === light, "which is kept");
}

const tests = { studies, filterAndSort, columns, live, zoom, compare, oneTrial, note, hostile, themes };

const pages = {
  studies: "#/",
  study: studyHash("digits"),
  front: studyHash("front"),
  trials: studyHash("digits", "/trials"),
  trial: studyHash("digits", "/trial/12"),
  trials_compared: studyHash("digits", "/compare/1,2,3,15"),
  studies_compared: "#/compare?study=digits&study=digits%20tpe",
  note: studyHash("front", "/note"),
  hostile: studyHash(HOSTILE),
  long: studyHash(LONG, "/trials"),
  nothing: studyHash("nothing yet"),
};

// Every page at two sizes, light and dark; unless there is much time light or dark alone.
async function pictures(browser) {
  const long = process.env.HONE_TEST_TIER === "long";
  for (const [kind, size] of Object.entries(sizes)) {
    for (const dark of long ? [false, true] : [kind === "narrow"]) {
      await withPage(browser, base, { size, dark }, async (page) => {
        for (const [name, hash] of Object.entries(pages)) {
          await open(page, base, hash);
          await drawn(page);
          await picture(page, `${name}-${kind}-${dark ? "dark" : "light"}`);
          await fits(page, `${name} at ${size.width} pixels`);
        }
      });
    }
  }
}

await withBrowser(async (browser) => {
  const only = process.env.HONE_BROWSER_TESTS?.split(","); // while one works on them
  for (const [name, test] of Object.entries(tests).filter(([name]) => !only || only.includes(name))) {
    console.log(name);
    const allowed = name === "filterAndSort" ? ["400 (Bad Request)"] : [];
    await withPage(browser, base, { allowed }, test);
  }
  await withPage(browser, guarded, { allowed: ["401 (Unauthorized)"] }, withToken);
  await withPage(browser, base, { allowed: ["404 (Not Found)"] }, async (page) => {
    await page.goto(`${base}/${studyHash("nope")}`);
    await page.getByText("there is no study 'nope'").waitFor();
  });
  await pictures(browser);
});
