// walk_page.mjs CACHE PAGE: opens a page of `pylon walk --html` in headless Chromium and uses it as a reader does.
// Exits 1 with the first thing that does not hold; prints what it measured.
import { createRequire } from "node:module";
import { statSync } from "node:fs";

const [cache, file] = process.argv.slice(2);
const { chromium } = createRequire(cache + "/package.json")("playwright-core");
const url = "file://" + file;

let checks = 0;
function hold(condition, what) {
  checks++;
  if (!condition) {
    throw new Error(what);
  }
}
const same = (got, wanted, what) => hold(got === wanted, `${what}: ${got}, not ${wanted}`);

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const noise = [];

async function withPage(options, hash, act) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-US", ...options });
  const page = await context.newPage();
  page.on("console", (message) => noise.push("console: " + message.text()));
  page.on("pageerror", (error) => noise.push("error: " + error));
  page.on("request", (request) => request.url().split("#")[0] === url || request.url().startsWith("data:") || noise.push("request: " + request.url()));
  await page.goto(url + hash);
  await act(page);
  await context.close();
}

const text = (page, selector) => page.locator(selector).innerText();
const pc = (page) => page.locator("#cpu .reg").first().locator("dd").first().innerText();
const hash = (page) => page.evaluate(() => location.hash);
const current = (page) => page.locator("#stations [aria-current] .n").innerText();

let stations = 0;
let longest = 1;

async function stepping(page) {
  stations = await page.locator("#stations button").count();
  hold(stations >= 4, `${stations} stations`);
  const counts = await page.evaluate(() => new Walk(JSON.parse(document.getElementById("walk-data").textContent)).stations.map((station) => station.count));
  const total = await page.evaluate(() => JSON.parse(document.getElementById("walk-data").textContent).steps.pc.length);
  same(counts.reduce((sum, count) => sum + count, 0), total, "instructions of all stations");
  longest = counts.indexOf(Math.max(...counts)) + 1;
  same(await current(page), "1", "station at first");
  hold(await page.locator("#back").isDisabled(), "Back is enabled at the first station");
  const before = await pc(page);
  await page.click("#forward");
  same(await current(page), "2", "station after Next");
  same(await hash(page), "#2", "address after Next");
  hold((await pc(page)) !== before, "the program counter did not change");
  hold((await page.locator("#cpu .reg.changed").count()) >= 2, "entering the kernel changed no registers");
  hold(/EL1|ring 0|S/.test(await text(page, "#cpu .mode")), "not in the kernel at station 2");
  await page.click("#back");
  same(await current(page), "1", "station after Back");
  for (let n = 2; n <= stations; n++) {
    await page.click("#forward");
    same(await current(page), String(n), "station");
    hold((await text(page, "#station h2")).length > 2, `station ${n} has no title`);
  }
  hold(await page.locator("#forward").isDisabled(), "Next is enabled at the last station");
  await page.locator(`#stations button`).nth(2).click();
  same(await current(page), "3", "station after a click in the list");
  await page.locator(`#journey [data-station="1"]`).click();
  same(await current(page), "2", "station after a click in the drawing");
}

async function keyboard(page) {
  for (const [key, wanted] of [["ArrowRight", "2"], ["ArrowRight", "3"], ["ArrowLeft", "2"], ["End", String(stations)], ["ArrowRight", String(stations)], ["Home", "1"], ["ArrowLeft", "1"]]) {
    await page.keyboard.press(key);
    same(await current(page), wanted, `station after ${key}`);
  }
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press(".");
  same(await hash(page), "#2.2", "address after one instruction");
  same(await page.locator(".ins.here").count(), 1, "marked instructions");
  await page.keyboard.press(",");
  await page.keyboard.press(",");
  same(await current(page), "1", "station one instruction back");
  await page.keyboard.press("?");
  hold(await page.locator("#help").isVisible(), "? shows no help");
  await page.keyboard.press("Escape");
  hold(!(await page.locator("#help").isVisible()), "Escape does not close the help");
  await page.keyboard.press("Tab");
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  same(ring, "solid", "outline of what has the focus");
}

async function languages(page) {
  for (const [language, pattern] of [["en", /kernel/], ["zh-CN", /内核/], ["en", /kernel/]]) {
    same(await page.evaluate(() => document.documentElement.lang), language, "language");
    for (let n = 1; n <= stations; n++) {
      await page.locator("#stations button").nth(n - 1).click();
      const all = await text(page, "body");
      hold(!/\{\w+\}|undefined|NaN|\[object/.test(all), `a hole in the text of station ${n}: ${/.{20}(\{\w+\}|undefined|NaN|\[object).{20}/s.exec(all)}`);
      hold(pattern.test(all), "the texts are not in " + language);
      hold(language !== "en" || !/[\u4e00-\u9fff]/.test(all.replace("中文", "")), `Chinese in the English text of station ${n}`);
    }
    await page.keyboard.press("l");
  }
  await page.click("#language");
  same(await page.evaluate(() => document.documentElement.lang), "en", "language after the button");
}

async function everything(page) {
  await page.keyboard.press("Home");
  await page.locator("#stations button").nth(longest - 1).click();
  await page.locator("[data-tree=open]").click().catch(() => {});
  while (await page.locator("[data-more]").count()) {
    await page.locator("[data-more]").first().click();
  }
  const wanted = await page.evaluate((n) => new Walk(JSON.parse(document.getElementById("walk-data").textContent)).stations[n - 1].count, longest);
  same(await page.locator("#tree .ins").count(), wanted, "instructions of the longest station, all opened");
}

// WCAG's contrast of a text with what is behind it.
async function contrast(page, selector) {
  return page.evaluate((selector) => {
    const parse = (colour) => colour.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4)).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const element = document.querySelector(selector);
    let behind = element;
    let colour = [0, 0, 0, 0];
    for (; behind && !(colour[3] === undefined || colour[3] === 1); behind = behind.parentElement) {
      colour = parse(getComputedStyle(behind).backgroundColor);
    }
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(colour)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  }, selector);
}

async function colours(page) {
  for (const selector of [".lead", ".signature", ".brand", "#station .prose", "#station .kicker span:last-child", ".mode", "#forward", ".reg dd.says", ".reg.changed dt", ".reg.changed dd.says", ".ins .op", ".ins .pc", ".src .at", ".legend", ".foot p", "figcaption", "#where"]) {
    const ratio = await contrast(page, selector);
    hold(ratio >= 4.5, `contrast of ${selector} is ${ratio.toFixed(2)}`);
  }
}

async function names(page) {
  const nameless = await page.evaluate(() => [...document.querySelectorAll("button, summary")].filter((one) => !(one.getAttribute("aria-label") || one.textContent).trim()).length);
  same(nameless, 0, "buttons without a name");
}

async function narrow(page) {
  for (const n of [0, 1, longest - 1, stations - 1]) {
    await page.evaluate((n) => (location.hash = "#" + (n + 1)), n);
    await page.waitForFunction((n) => document.getElementById("where").textContent.startsWith(n + 1 + "/"), n);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    hold(wide <= 0, `station ${n + 1} is ${wide} pixels wider than the screen`);
  }
  const button = await page.locator("#back").boundingBox();
  hold(button.height >= 44 && button.width >= 44, "Back is too small for a finger");
  await page.locator("#back").tap();
  hold((await text(page, "#where")).startsWith(`${stations - 1}/`), "a tap on Back does nothing");
}

async function printed(page) {
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMedia({ media: "print" });
  same(await page.locator("#paper section:visible").count(), stations, "stations on paper");
  hold(!(await page.locator(".stepper").isVisible()), "the buttons are on paper");
  const pdf = await page.pdf({ format: "A4" });
  hold(pdf.length > 20000, "the printed page is empty");
}

try {
  const bytes = statSync(file).size;
  hold(bytes < 1.5e6, `the page has ${bytes} bytes`);
  const began = performance.now();
  await withPage({}, "", async (page) => {
    const loaded = performance.now() - began;
    hold(loaded < 5000, `loading takes ${loaded} ms`);
    await stepping(page);
    await page.keyboard.press("Home");
    await keyboard(page);
    await languages(page);
    await names(page);
    await everything(page);
  });
  await withPage({ locale: "zh-CN" }, "#3.2", async (page) => {
    same(await page.evaluate(() => document.documentElement.lang), "zh-CN", "language for a Chinese reader");
    same(await current(page), "3", "station of the link #3.2");
    same(await page.locator(".ins.here").count(), 1, "marked instructions of the link #3.2");
  });
  const grounds = [];
  for (const colorScheme of ["light", "dark"]) {
    await withPage({ colorScheme }, "#2", async (page) => {
      grounds.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
      await colours(page);
      await page.click("#theme");
      await colours(page);
    });
  }
  hold(grounds[0] !== grounds[1], "dark and light look the same");
  await withPage({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }, "", narrow);
  await withPage({ colorScheme: "dark" }, "", printed);
  hold(noise.length === 0, noise.join("\n"));
  console.log(`${checks} checks, ${Math.round(bytes / 1000)} kB, ${stations} stations`);
} catch (error) {
  console.log(String(error));
  process.exitCode = 1;
}
await browser.close();
