// Spans as a tree with bars on the order's time axis; only the rows in sight are in the page.
// Data: {traces, names, services, rows: [[trace, span_id, depth, size, name, service, left, width,
// text, marks]], shades: [[left, width, text]], ticks: [[at, text]], spans, address, selected, label,
// detail: {title, service, close, opens: [{name, url}], sections: [{title, pairs, links}]} | null}.

const ROW_H = 26;
const VIEW_H = 540;
const OVERSCAN = 10;
const POOL = Math.ceil(VIEW_H / ROW_H) + 2 * OVERSCAN + 1;
const [TRACE, SPAN, DEPTH, SIZE, NAME, SERVICE, LEFT, WIDTH, TEXT, MARKS] = Array(10).keys();
const FAILED = 1;
const JOINED = 2;
const SHARED = 4;
const views = new WeakMap();

function idOf(data, row) {
  return `${data.traces[row[TRACE]]}:${row[SPAN]}${row[MARKS] & JOINED ? "*" : ""}`;
}

/** Joined rows are closed until they are opened, others open until they are closed. */
function isClosed(view, row) {
  return view.turned.has(idOf(view.data, row)) !== Boolean(row[MARKS] & JOINED);
}

/** Places of the rows in sight when closed ones hide what is below them. */
function visible(view) {
  const { rows } = view.data;
  const found = [];
  for (let at = 0; at < rows.length; at += 1) {
    found.push(at);
    if (rows[at][SIZE] && isClosed(view, rows[at])) at += rows[at][SIZE];
  }
  return found;
}

function rowCreate() {
  const row = make("div", { class: "row", role: "treeitem" });
  const name = make("div", { class: "name" }, make("button", { type: "button", tabindex: "-1" }), make("a", { tabindex: "-1" }), make("span", { class: "service" }));
  row.append(name, make("div", { class: "track" }, make("span", { class: "bar" }), make("span", { class: "time" })));
  return row;
}

function rowUpdate(element, place, view) {
  if (element.place === place && element.stamp === view.stamp) return;
  element.stamp = view.stamp;
  const { data } = view;
  const row = data.rows[view.shown[place]];
  const id = idOf(data, row);
  const joined = Boolean(row[MARKS] & JOINED);
  const failed = Boolean(row[MARKS] & FAILED);
  const title = data.names[row[NAME]];
  const service = data.services[row[SERVICE]];
  element.style.transform = `translateY(${place * ROW_H}px)`;
  element.place = place;
  setAttribute(element, "id", `row-${place}`);
  setAttribute(element, "data-look", failed ? "failed" : "completed");
  setAttribute(element, "data-joined", joined ? "true" : null);
  setAttribute(element, "aria-level", row[DEPTH] + 1);
  setAttribute(element, "aria-expanded", row[SIZE] ? String(!isClosed(view, row)) : null);
  setAttribute(element, "aria-selected", data.selected === id ? "true" : null);
  setAttribute(element, "data-active", view.active === place ? "true" : null);
  setAttribute(element, "data-found", view.found.has(view.shown[place]) ? "true" : null);
  const [name, track] = element.children;
  name.style.paddingLeft = `${8 + Math.min(row[DEPTH], 18) * 14}px`;
  const [toggle, anchor, where] = name.children;
  setText(toggle, row[SIZE] ? (isClosed(view, row) ? "▸" : "▾") : "");
  setAttribute(toggle, "aria-label", row[SIZE] ? (isClosed(view, row) ? "Open" : "Close") : null);
  toggle.disabled = !row[SIZE];
  setText(anchor, row[MARKS] & SHARED ? `${title} (shared)` : title);
  setAttribute(anchor, "href", joined ? null : data.address + encodeURIComponent(id));
  setAttribute(anchor, "title", `${title} · ${service}`);
  setText(where, service);
  const [bar, time] = track.children;
  const end = row[LEFT] + row[WIDTH];
  bar.style.left = `${row[LEFT] * 100}%`;
  bar.style.width = `max(2px, ${row[WIDTH] * 100}%)`;
  const before = end > 0.84;
  time.style.left = before ? "auto" : `calc(${end * 100}% + 6px)`;
  time.style.right = before ? `calc(${(1 - row[LEFT]) * 100}% + 6px)` : "auto";
  setText(time, (failed ? "✕ " : "") + row[TEXT]);
}

/** Draw the rows in sight; when only `scrolled`, those that are there already stay as they are. */
function paint(root, view, scrolled = false) {
  if (!scrolled) view.stamp += 1;
  const from = Math.max(0, Math.floor(view.scroll.scrollTop / ROW_H) - OVERSCAN);
  const to = Math.min(view.shown.length, Math.ceil((view.scroll.scrollTop + VIEW_H) / ROW_H) + OVERSCAN);
  // Elements go round: the row that leaves at one end is the one that comes at the other. They stay
  // where they are in the document: to move forty of them costs four times what the rest of a frame does.
  for (let place = from; place < to; place += 1) {
    const at = place % POOL;
    if (!view.pool[at]) {
      view.pool[at] = rowCreate();
      view.body.append(view.pool[at]);
    }
    rowUpdate(view.pool[at], place, view);
  }
  view.pool.forEach((element, at) => {
    if (element.place >= from && element.place < to) return;
    element.remove();
    delete view.pool[at];
  });
  setAttribute(view.scroll, "aria-activedescendant", view.active >= from && view.active < to ? `row-${view.active}` : null);
}

function relayout(root, view) {
  view.shown = visible(view);
  view.active = Math.min(view.active, view.shown.length - 1);
  const height = view.shown.length * ROW_H;
  view.body.style.height = `${height}px`;
  view.scroll.style.height = `${Math.min(VIEW_H, height) + 2}px`;
  const [spans, rows] = [view.data.spans, view.shown.length].map((count) => count.toLocaleString("en").replaceAll(",", "\u202f"));
  setText(view.count, `${spans} spans in ${rows} rows`);
  paint(root, view);
}

function turn(root, view, place) {
  const row = view.data.rows[view.shown[place]];
  if (!row?.[SIZE]) return;
  const id = idOf(view.data, row);
  if (!view.turned.delete(id)) view.turned.add(id);
  relayout(root, view);
}

function turnAll(root, view, closed) {
  view.turned.clear();
  for (const row of view.data.rows) if (row[SIZE] && Boolean(row[MARKS] & JOINED) !== closed) view.turned.add(idOf(view.data, row));
  view.scroll.scrollTop = 0;
  relayout(root, view);
}

function intoSight(view, place) {
  const top = place * ROW_H;
  if (top < view.scroll.scrollTop) view.scroll.scrollTop = top;
  else if (top + ROW_H > view.scroll.scrollTop + VIEW_H) view.scroll.scrollTop = top + ROW_H - VIEW_H;
}

function activate(root, view, place) {
  view.active = Math.max(0, Math.min(view.shown.length - 1, place));
  intoSight(view, view.active);
  paint(root, view);
}

/** Open what is above a row, and go to it. */
function reveal(root, view, at) {
  for (let above = 0; above < at; above += 1) {
    const row = view.data.rows[above];
    if (above + row[SIZE] >= at && isClosed(view, row)) {
      const id = idOf(view.data, row);
      if (!view.turned.delete(id)) view.turned.add(id);
    }
  }
  relayout(root, view);
  const place = view.shown.indexOf(at);
  view.scroll.scrollTop = Math.max(0, place * ROW_H - VIEW_H / 3);
  activate(root, view, place);
}

/** Go to the next of the rows that fit, after the active one and round. */
function next(root, view, fits) {
  const { rows } = view.data;
  const start = view.shown[view.active] ?? -1;
  for (let step = 1; step <= rows.length; step += 1) {
    const at = (start + step) % rows.length;
    if (fits(rows[at], at)) return reveal(root, view, at);
  }
  return undefined;
}

function search(root, view, text) {
  const wanted = text.trim().toLowerCase();
  const { data } = view;
  const names = data.names.map((name) => name.toLowerCase().includes(wanted));
  const services = data.services.map((name) => name.toLowerCase().includes(wanted));
  view.found = new Set();
  data.rows.forEach((row, at) => {
    if (wanted && !(row[MARKS] & JOINED) && (names[row[NAME]] || services[row[SERVICE]] || row[SPAN].startsWith(wanted))) view.found.add(at);
  });
  setText(view.hits, wanted ? `${view.found.size} found` : "");
  paint(root, view);
}

function onKey(root, view, event) {
  const row = view.data.rows[view.shown[view.active]];
  const page = Math.floor(VIEW_H / ROW_H) - 1;
  const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
  if (event.key in moves) activate(root, view, view.active + moves[event.key]);
  else if (event.key === "ArrowRight" && row?.[SIZE]) isClosed(view, row) ? turn(root, view, view.active) : activate(root, view, view.active + 1);
  else if (event.key === "ArrowLeft" && row) {
    if (row[SIZE] && !isClosed(view, row)) turn(root, view, view.active);
    else {
      let place = view.active;
      while (place > 0 && view.data.rows[view.shown[place]][DEPTH] >= row[DEPTH]) place -= 1;
      activate(root, view, place);
    }
  } else if ((event.key === "Enter" || event.key === " ") && row) {
    if (row[MARKS] & JOINED) turn(root, view, view.active);
    else go(view.data.address + encodeURIComponent(idOf(view.data, row)));
  } else return;
  event.preventDefault();
}

function build(root, view) {
  const find = make("input", { type: "search", placeholder: "Find span or service", "aria-label": "Find span or service", spellcheck: "false" });
  const button = (text, act) => {
    const made = make("button", { type: "button", class: "tool" }, text);
    made.addEventListener("click", act);
    return made;
  };
  view.hits = make("span", { class: "muted", role: "status" });
  view.count = make("span", { class: "muted count" });
  view.failing = button("", () => next(root, view, (row) => row[MARKS] & FAILED && !(row[MARKS] & JOINED)));
  const tools = make("div", { class: "tools" }, find, view.hits, view.failing, button("Open all", () => turnAll(root, view, false)), button("Close all", () => turnAll(root, view, true)), view.count);
  view.body = make("div", { class: "body" });
  view.scroll = make("div", { class: "scroll", tabindex: "0", role: "tree" }, make("div", { class: "shades", "aria-hidden": "true" }), view.body);
  view.axis = make("div", { class: "axis", "aria-hidden": "true" });
  view.aside = make("aside", { hidden: true, "aria-label": "Span" });
  root.append(tools, make("div", { class: "both" }, make("div", { class: "tree" }, view.axis, view.scroll), view.aside));
  find.addEventListener("input", () => search(root, view, find.value));
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") next(root, view, (_, at) => view.found.has(at));
  });
  let asked = false;
  view.scroll.addEventListener("scroll", () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      paint(root, view, true);
    });
  });
  view.scroll.addEventListener("keydown", (event) => onKey(root, view, event));
  view.scroll.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (!row) return;
    view.active = row.place;
    if (event.target.closest("button") || row.dataset.joined) turn(root, view, row.place);
    else if (!event.target.closest("a")) go(view.data.address + encodeURIComponent(idOf(view.data, view.data.rows[view.shown[row.place]])));
  });
}

function section({ title, pairs, links }) {
  const list = make("dl");
  for (const [name, value] of pairs) list.append(make("dt", {}, name), make("dd", {}, value));
  for (const { name, text, href } of links || []) list.append(make("dt", {}, name), make("dd", {}, make("a", { href: ownAddress(href), class: "open" }, text)));
  return make("section", {}, title ? make("h4", {}, title) : null, list);
}

function showDetail(view, detail) {
  const shown = JSON.stringify(detail);
  if (view.aside.shown === shown) return;
  view.aside.shown = shown;
  view.aside.hidden = !detail;
  view.aside.replaceChildren();
  if (!detail) return;
  const close = make("a", { class: "close", href: ownAddress(detail.close), "aria-label": "Close" }, "✕");
  const opens = detail.opens.map(({ name, url }) => elsewhere(url, `Open in ${name}`, "open"));
  view.aside.append(
    make("header", {}, make("h3", {}, detail.title), close),
    make("p", { class: "muted of" }, detail.service),
    ...(opens.length ? [make("p", { class: "opens" }, ...opens)] : []),
    ...detail.sections.map(section),
  );
  view.aside.scrollTop = 0;
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  let view = views.get(root);
  const first = !view;
  if (first) {
    view = { turned: new Set(), shown: [], found: new Set(), active: 0, stamp: 0, pool: [], data };
    views.set(root, view);
    build(root, view);
  }
  const chosen = view.data.selected;
  view.data = data;
  setAttribute(view.scroll, "aria-label", data.label);
  const failures = data.rows.reduce((count, row) => count + (row[MARKS] & FAILED && !(row[MARKS] & JOINED) ? 1 : 0), 0);
  setText(view.failing, `Next failed (${failures})`);
  view.failing.hidden = !failures;
  const indexed = (list) => list.map((item, place) => ({ item, place }));
  patch(root.querySelector(".shades"), indexed(data.shades), ({ place }) => place, () => make("span"), (element, { item }) =>
    Object.assign(element.style, { left: `${item[0] * 100}%`, width: `${item[1] * 100}%` }));
  patch(view.axis, indexed(data.ticks), ({ place }) => place, () => make("span"), (element, { item, place }) => {
    setText(element, item[1]);
    setAttribute(element, "class", place === 0 ? "first" : item[0] === 1 ? "last" : null);
    element.style.left = `${item[0] * 100}%`;
  });
  showDetail(view, data.detail);
  relayout(root, view);
  if (data.selected && (first || data.selected !== chosen)) {
    const at = data.rows.findIndex((row) => idOf(data, row) === data.selected);
    const place = view.shown.indexOf(at);
    if (at >= 0 && place < 0) reveal(root, view, at);
    else if (at >= 0) activate(root, view, place);
  }
}
