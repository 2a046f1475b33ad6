
// Reading needs no script: it only adds a panel that gathers what the tables say of one step, keys for the pictures,
// and a filter for long tables. No ampersand and no opening angle bracket stand here, so that the page is also XML.
"use strict";
for (const section of document.querySelectorAll(".pipeline")) explore(section);

function explore(section) {
  const nodes = [...section.querySelectorAll("a.node")];
  const paths = [...section.querySelectorAll(".edges path")];
  const picture = section.querySelector(".dag svg.picture");
  const pan = section.querySelector(".dag .pan");
  const panel = make("aside", "panel");
  panel.hidden = true;
  panel.setAttribute("aria-live", "polite");
  panel.setAttribute("aria-label", "The selected step");
  section.querySelector(".dag").append(panel);
  let chosen = null;

  // One stop for the tab key; arrows move inside.
  nodes.forEach((node, index) => node.setAttribute("tabindex", index === 0 ? "0" : "-1"));

  function go(node) {
    if (!node) return;
    for (const other of nodes) other.setAttribute("tabindex", other === node ? "0" : "-1");
    node.focus();
  }

  function choose(node) {
    chosen = node;
    for (const other of nodes) {
      if (other === node) other.setAttribute("aria-current", "true");
      else other.removeAttribute("aria-current");
    }
    const id = node ? node.dataset.step : "";
    for (const path of paths) path.classList.toggle("near", [path.dataset.from, path.dataset.to].includes(id));
    picture.classList.toggle("chosen", Boolean(node));
    panel.hidden = !node;
    if (node) describe(panel, section, node, () => { const last = chosen; choose(null); go(last); });
  }

  for (const node of nodes) {
    node.addEventListener("click", (event) => { event.preventDefault(); go(node); choose(node); });
    node.addEventListener("keydown", (event) => {
      const move = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
      if (move) { event.preventDefault(); go(neighbour(nodes, node, move)); }
      if (event.key === " ") { event.preventDefault(); choose(node); }
      if (event.key === "Escape") choose(null);
    });
  }
  zoom(picture, pan, nodes[0]);
  if (nodes.length > 40) filter(section, nodes);
}

// What every table of the section says of the step.
function describe(panel, section, node, close) {
  const title = make("h4", "", node.dataset.title);
  const button = make("button", "close", "Close");
  button.type = "button";
  button.addEventListener("click", close);
  panel.replaceChildren(title, button);
  for (const row of section.querySelectorAll(`tr[data-step="${node.dataset.step}"]`)) {
    const table = row.closest("table");
    const heads = [...table.querySelectorAll("thead th")];
    const list = make("dl", "facts");
    [...row.cells].forEach((cell, index) => {
      if (index === 0 || cell.classList.contains("picture")) return;
      const value = make("dd");
      value.append(...[...cell.cloneNode(true).childNodes]);
      const pair = make("div");
      pair.append(make("dt", "", heads[index].textContent), value);
      list.append(pair);
    });
    const part = make("div", "part");
    part.append(make("h5", "", table.dataset.name), list);
    panel.append(part);
  }
}

// The nearest box in a direction; straight ahead counts more than aside.
function neighbour(nodes, from, [right, down]) {
  const place = (node) => node.transform.baseVal.consolidate().matrix;
  const here = place(from);
  let best = null;
  let least = Infinity;
  for (const node of nodes) {
    const at = place(node);
    const ahead = (at.e - here.e) * right + (at.f - here.f) * down;
    const aside = Math.abs((at.e - here.e) * down) + Math.abs((at.f - here.f) * right);
    const far = ahead + aside * 3;
    if (ahead > 1) if (least > far) { least = far; best = node; }
  }
  return best;
}

function zoom(picture, pan, first) {
  const width = Number(picture.getAttribute("width"));
  const height = Number(picture.getAttribute("height"));
  let factor = 1;
  const bar = make("div", "tools");
  const set = (next) => {
    factor = Math.min(2, Math.max(0.05, next));
    picture.setAttribute("width", width * factor);
    picture.setAttribute("height", height * factor);
  };
  const fit = () => Math.min(1, (pan.clientWidth - 4) / width);
  const tools = [["Smaller", () => set(factor / 1.3)], ["Larger", () => set(factor * 1.3)], ["Fit", () => set(fit())], ["Actual size", () => set(1)]];
  if (fit() === 1) return;
  // What is only a little too wide is shown whole.
  if (fit() > 0.7) set(fit());
  // The first column of a large picture need not begin at its top.
  pan.scrollTop = first.transform.baseVal.consolidate().matrix.f * factor - 24;
  for (const [name, act] of tools) {
    const button = make("button", "", name);
    button.type = "button";
    button.addEventListener("click", act);
    bar.append(button);
  }
  pan.before(bar);
}

function filter(section, nodes) {
  const label = make("label", "filter", "Show steps with ");
  const input = make("input");
  input.type = "search";
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    for (const row of section.querySelectorAll("tbody tr")) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    }
    for (const node of nodes) {
      node.classList.toggle("aside", !node.dataset.title.toLowerCase().includes(wanted));
    }
  });
  label.append(input);
  section.querySelector(".dag").before(label);
}

function make(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}
