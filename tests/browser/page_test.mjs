// Looks at the program's pages in headless Chromium:
//   page_test.mjs chromium page.html WORD PICTURES
// WORD is an n-gram that the page of `ockham report --html` can search for; empty: another page.
// Pictures of the page go to the folder PICTURES.
import { createRequire } from "node:module";
import { basename, resolve } from "node:path";

const require = createRequire(`${process.cwd()}/`); // the packages are in the working folder
const { chromium } = require("playwright-core");
const [executablePath, file, word, pictures] = process.argv.slice(2);
const url = `file://${resolve(file)}`;

const failures = [];
const expect = (holds, what) => holds || failures.push(what);

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});

async function openPage(options) {
  const page = await (await browser.newContext(options)).newPage();
  page.on("console", (message) => failures.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => failures.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    failures.push(`a script of the data ran: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    if (request.url() !== url && !request.url().startsWith("data:")) {
      failures.push(`leaves the page: ${request.url()}`);
    }
  });
  await page.goto(url);
  return page;
}

async function checkAccess(page, name) {
  await page.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
  const { violations } = await page.evaluate(() => axe.run());
  for (const { impact, id, nodes } of violations) {
    failures.push(`${name}: axe ${impact} ${id}: ${nodes[0].html}`);
  }
}

const rows = (page) => page.locator("#ngrams tbody tr").count();

async function checkSearch(page) {
  const all = await rows(page);
  expect(all > 1, "no n-grams are shown");
  await page.keyboard.press("Tab"); // from the top by keys alone
  expect(await page.evaluate(() => document.activeElement.tagName) === "A", "Tab finds no link");
  await page.getByLabel("Search words, or a label").fill(word);
  const shown = await page.locator("#ngrams tbody tr td:first-child").allTextContents();
  expect(shown.length > 0 && shown.every((text) => text.includes(word)), `search: ${shown}`);
  await page.getByRole("searchbox").fill("no such words as these");
  expect((await rows(page)) === 0, "something is found that is not there");
  expect((await page.locator("#found").textContent()) === "none found", "the status says nothing");
  await page.getByRole("searchbox").fill("");
  expect((await rows(page)) === all, "an empty search does not show all");
}

for (const colorScheme of ["light", "dark"]) {
  for (const [name, width] of [["wide", 1100], ["narrow", 360]]) {
    const page = await openPage({ colorScheme, viewport: { width, height: 800 } });
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(beyond <= 0, `${name}: wider than the screen by ${beyond}`);
    if (pictures) {
      const picture = `${basename(file, ".html")}-${colorScheme}-${name}.png`;
      await page.screenshot({ path: `${pictures}/${picture}`, fullPage: true });
    }
    await checkAccess(page, `${colorScheme}, ${name}`);
  }
}
const page = await openPage({});
const plots = await page.locator("svg").evaluateAll((all) => all.map((s) => s.outerHTML).join());
expect(!/NaN|nan|inf/.test(plots), "a plot has no numbers");
if (word) {
  expect((await page.locator("svg[role=img]").count()) >= 4, "plots are missing");
  await checkSearch(page);
}
await browser.close();

for (const failure of failures) console.error(failure);
process.exit(failures.length === 0 ? 0 : 1);
