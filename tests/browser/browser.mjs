// What the browser tests share: Chromium, pages that must stay without errors, screenshots.
import { createRequire } from "node:module";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const modules = createRequire(join(process.env.HONE_WEB_MODULES, "index.js"));
const { chromium } = modules("playwright-core");
const folder = process.env.HONE_SCREENSHOTS;
mkdirSync(folder, { recursive: true });

export const patience = Number(process.env.HONE_BROWSER_PATIENCE ?? 300_000); // milliseconds until what should be seen is taken not to come
export const sizes = { wide: { width: 1280, height: 900 }, narrow: { width: 390, height: 844 } };

export function check(condition, what) {
  if (!condition) throw new Error(what);
}

export async function withBrowser(work) {
  const browser = await chromium.launch({
    executablePath: process.env.HONE_CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
}

// A page of its own; what goes wrong in it (errors, refused requests, requests to others) fails the test.
export async function withPage(browser, base, { size = sizes.wide, dark = false, allowed = [] }, work) {
  const context = await browser.newContext({ viewport: size, colorScheme: dark ? "dark" : "light", locale: "en-GB" });
  const page = await context.newPage();
  const wrong = [];
  page.setDefaultTimeout(patience);
  page.on("console", (message) => {
    const text = `${message.text()} (${message.location().url})`;
    if (["error", "warning"].includes(message.type()) && !allowed.some((part) => text.includes(part))) wrong.push(text);
  });
  page.on("pageerror", (error) => wrong.push(`${error}`));
  page.on("dialog", (dialog) => {
    wrong.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:")) wrong.push(`a request to ${request.url()}`);
  });
  try {
    await work(page);
    check(!wrong.length, `the page was not clean:\n${wrong.join("\n")}`);
  } catch (error) {
    await page.screenshot({ path: join(folder, "failed.png") }).catch(() => undefined);
    throw new Error(`${error.message}\nat ${page.url()}\n${wrong.join("\n")}`);
  } finally {
    await context.close();
  }
}

export async function ready(page) {
  await page.waitForSelector("#page[data-ready=yes]");
}

export async function open(page, base, hash) {
  await page.goto(`${base}/${hash}`);
  await ready(page);
}

export function studyHash(study, rest = "") {
  return `#/study/${encodeURIComponent(study)}${rest}`;
}

// All plots of the page are drawn.
export async function drawn(page) {
  for (const node of await page.locator(".panel .figures").all()) {
    await node.scrollIntoViewIfNeeded();
    await node.page().waitForFunction((n) => Number(n.dataset.drawn ?? 0) > 0, await node.elementHandle());
  }
  await page.evaluate(() => scrollTo(0, 0));
}

export async function picture(page, name) {
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

// Nothing sticks out of the page on the right.
export async function fits(page, what) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(over <= 0, `${what}: ${over} pixels stick out`);
}
