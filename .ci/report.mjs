// What must hold of a report in a browser; .ci/report starts it.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { readFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const require = createRequire(join(process.env.MODULES, "_"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [program, work, pictures] = process.argv.slice(2);
const root = resolve(import.meta.dirname, "..");

const MOST_MILLISECONDS = 1000;
const TRIES = 3; // The best of them counts: a machine has other things to do.
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];

// Layers of ten steps, each reading two of the layer before; some have a condition, some a fan-out.
function generated(steps) {
  const lines = ["pipeline generated {", "    schedule \"0 2 * * *\" timezone=UTC"];
  lines.push("    data raw {", "        at lab uri=\"s3://bench/raw\"", "        size \"100GiB\" rows=1_000_000_000", "    }");
  for (let step = 0; step < steps; step++) {
    const layer = Math.floor(step / 10);
    lines.push(`    step s${step} kind=etl {`);
    if (step % 20 === 7 && layer > 0) lines.push(`        each part from=s${(layer - 1) * 10}.parts`);
    if (step % 10 === 3 && layer > 0) lines.push(`        when "s${(layer - 1) * 10}.rows >= 1000"`);
    lines.push("        image \"registry.acme.example/etl:1\"");
    const reads = layer === 0 ? ["raw"] : [0, 1].map((offset) => `d${(layer - 1) * 10 + ((step * 3 + offset) % 10)}`);
    for (const data of reads) lines.push(`        reads ${data}`);
    lines.push(`        writes d${step} size="2GiB"`, "        emits rows type=integer");
    if (step % 10 === 0) lines.push("        emits parts type=list items=8");
    lines.push("    }");
  }
  lines.push("}", "platform bench {", "    cluster lab context=lab jurisdiction=de {");
  lines.push("        nodes cpu count=5000 cores=64 memory=\"512GiB\" price=\"0.35 USD/hour\"");
  lines.push("        bucket \"s3://bench/runs\"", "        registry \"registry.acme.example\"", "    }", "}", "");
  return lines.join("\n");
}

function report(name, source) {
  const page = join(work, `${name}.html`);
  execFileSync(program, ["plan", source, "--html", page], { stdio: ["ignore", "ignore", "ignore"] });
  return { name, page };
}

function reports() {
  const made = [5, 50, 1000].map((steps) => {
    const source = join(work, `${steps}.kdl`);
    writeFileSync(source, generated(steps));
    return report(`${steps}-steps`, source);
  });
  return [report("cancer-risk", join(root, "examples/cancer-risk")), ...made];
}

// In the page: pairs of texts of one picture that overlap, and texts that leave their box.
function overlaps() {
  const found = [];
  for (const picture of document.querySelectorAll("svg.picture")) {
    const texts = [...picture.querySelectorAll("text")].map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
    texts.sort((a, b) => a.box.left - b.box.left);
    texts.forEach((a, at) => {
      for (const b of texts.slice(at + 1)) {
        if (b.box.left > a.box.right - 0.5) break;
        if (a.box.top < b.box.bottom - 0.5 && b.box.top < a.box.bottom - 0.5) found.push(`${a.text} / ${b.text}`);
      }
    });
    for (const node of picture.querySelectorAll("a.node")) {
      const box = node.querySelector(".box").getBoundingClientRect();
      for (const text of node.querySelectorAll("text")) {
        if (text.getBoundingClientRect().right > box.right) found.push(`${text.textContent} leaves its box`);
      }
    }
  }
  return found.slice(0, 5);
}

async function open(browser, { page: file }, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const said = [];
  page.on("console", (message) => said.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  page.on("request", (request) => { if (!/^(file|data):/.test(request.url())) said.push(`asks for ${request.url()}`); });
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable");
  await page.goto(`file://${file}`);
  // Where others have the processor, its own time is what can be judged.
  const { metrics } = await session.send("Performance.getMetrics");
  const busy = metrics.find((metric) => metric.name === "ProcessTime").value * 1000;
  const loaded = options.javaScriptEnabled === false
    ? busy
    : Math.min(busy, await page.evaluate(() => performance.getEntriesByType("navigation")[0].loadEventEnd));
  return { context, page, said, loaded };
}

const isWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

// With a keyboard alone: to the second step, what is said of it, and back.
async function keyboard(page) {
  const first = page.locator("a.node[tabindex='0']").first();
  await first.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  const panel = page.locator(".panel").first();
  const told = (await panel.innerText()).length;
  const current = await page.locator("a.node[aria-current='true']").count();
  await page.keyboard.press("Escape");
  return current === 1 && told > 100 && !(await panel.isVisible()) ? [] : ["a step cannot be chosen with a keyboard"];
}

async function accessible(page) {
  // The page's own policy lets nobody else's script in, but for the debugger's.
  await page.evaluate(axe);
  const found = await page.evaluate((rules) => axe.run(document, { runOnly: rules }), RULES);
  return found.violations.map((broken) => `${broken.id}: ${broken.help}: ${broken.nodes[0].html.slice(0, 120)}`);
}

async function look(browser, made, width, scheme) {
  const options = { viewport: { width, height: 900 }, colorScheme: scheme };
  let least = Infinity;
  let opened;
  for (let attempt = 0; attempt < TRIES && least > MOST_MILLISECONDS / 2; attempt++) {
    await opened?.context.close();
    opened = await open(browser, made, options);
    least = Math.min(least, opened.loaded);
  }
  const { context, page, said } = opened;
  const wrong = [...said];
  if (least >= MOST_MILLISECONDS) wrong.push(`loads in ${Math.round(least)} ms`);
  if (await isWide(page)) wrong.push("is wider than its window");
  wrong.push(...(await page.evaluate(overlaps)));
  if (made.name !== "1000-steps") wrong.push(...(await accessible(page)));
  if (pictures) {
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${made.name}-${width}-${scheme}.png`), fullPage: made.name !== "1000-steps" });
  }
  wrong.push(...(await keyboard(page)));
  // A4, at 96 pixels an inch.
  await page.setViewportSize({ width: 794, height: 1123 });
  await page.emulateMedia({ media: "print" });
  if (await isWide(page)) wrong.push("is wider than its paper");
  await context.close();
  return { wrong, note: `${Math.round(least)} ms` };
}

async function withoutScript(browser, made) {
  const { context, page, said } = await open(browser, made, { javaScriptEnabled: false });
  const rows = await page.locator("tr[id]").count();
  const drawn = await page.locator("a.node").count();
  const first = await page.locator("tr[id] th").first().isVisible();
  await context.close();
  const blocked = said.filter((line) => !line.includes("script"));
  return { wrong: rows === drawn && rows > 0 && first ? blocked : ["cannot be read without script"], note: `${rows} steps` };
}

// docs/pictures/report.png: the example from its head to its steps.
async function readme(browser, made) {
  const { context, page } = await open(browser, made, { viewport: { width: 1120, height: 900 }, colorScheme: "light" });
  const steps = await page.locator(".dag").first().boundingBox();
  const clip = { x: 0, y: 0, width: 1120, height: Math.round(steps.y + steps.height + 24) };
  await page.screenshot({ path: join(pictures, "report.png"), fullPage: true, clip });
  await context.close();
}

const browser = await chromium.launch({
  executablePath: process.env.BROWSER,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
let [passed, failed] = [0, 0];
const verdict = ({ wrong, note }, ...what) => {
  if (wrong.length === 0) passed += 1;
  else failed += 1;
  console.log(`${what.join(" ").padEnd(28)} ${wrong.length === 0 ? "ok" : "FAILED"}  ${note}`);
  wrong.forEach((line) => console.log(`    ${line}`));
};
const all = reports();
for (const made of all) {
  for (const width of [1280, 390]) {
    for (const scheme of ["light", "dark"]) verdict(await look(browser, made, width, scheme), made.name, width, scheme);
  }
  verdict(await withoutScript(browser, made), made.name, "without script");
}
if (pictures) await readme(browser, all[0]);
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
