// Spans as a tree with bars on the order's time axis; only the rows in sight are in the page.
// Data: {rows: [[id, depth, size, name, service, left, width, text, look, href]], shades, label, selected}.

const ROW_H = 26;
const VIEW_H = 520;
const OVERSCAN = 8;
const [ID, DEPTH, SIZE, NAME, SERVICE, LEFT, WIDTH, TEXT, LOOK, HREF] = Array(10).keys();
const views = new WeakMap();

/** The rows in sight when those in `closed` hide what is below them. */
function visible(rows, closed) {
  const found = [];
  for (let at = 0; at < rows.length; at += 1) {
    found.push(at);
    if (rows[at][SIZE] && closed.has(rows[at][ID])) at += rows[at][SIZE];
  }
  return found;
}

function rowCreate() {
  const row = make("div", { class: "row", role: "treeitem" });
  const name = make("div", { class: "name" }, make("button", { type: "button", tabindex: "-1" }), make("a"), make("span", { class: "service" }));
  row.append(name, make("div", { class: "track" }, make("span", { class: "bar" }), make("span", { class: "time" })));
  return row;
}

function rowUpdate(element, row, place, view) {
  const closed = view.closed.has(row[ID]);
  element.style.top = `${place * ROW_H}px`;
  element.rowId = row[ID];
  setAttribute(element, "data-look", row[LOOK]);
  setAttribute(element, "aria-level", row[DEPTH] + 1);
  setAttribute(element, "aria-expanded", row[SIZE] ? String(!closed) : null);
  setAttribute(element, "aria-selected", view.data.selected === row[ID] ? "true" : null);
  const [name, track] = element.children;
  name.style.paddingLeft = `${8 + Math.min(row[DEPTH], 18) * 14}px`;
  const [toggle, anchor, service] = name.children;
  setText(toggle, row[SIZE] ? (closed ? "▸" : "▾") : "");
  setAttribute(toggle, "aria-label", row[SIZE] ? (closed ? "Open" : "Close") : null);
  toggle.disabled = !row[SIZE];
  setText(anchor, row[NAME]);
  setAttribute(anchor, "href", ownAddress(row[HREF]));
  setAttribute(anchor, "title", `${row[NAME]} · ${row[SERVICE]}`);
  setText(service, row[SERVICE]);
  const [bar, time] = track.children;
  bar.style.left = `${row[LEFT] * 100}%`;
  bar.style.width = `max(2px, ${row[WIDTH] * 100}%)`;
  const end = row[LEFT] + row[WIDTH];
  const before = end > 0.86;
  time.style.left = before ? "auto" : `calc(${end * 100}% + 6px)`;
  time.style.right = before ? `calc(${(1 - row[LEFT]) * 100}% + 6px)` : "auto";
  setText(time, row[TEXT]);
}

function paint(root, view) {
  const scroll = root.querySelector(".scroll");
  const body = scroll.querySelector(".body");
  const from = Math.max(0, Math.floor(scroll.scrollTop / ROW_H) - OVERSCAN);
  const to = Math.min(view.shown.length, Math.ceil((scroll.scrollTop + VIEW_H) / ROW_H) + OVERSCAN);
  const window = [];
  for (let place = from; place < to; place += 1) window.push(place);
  patch(
    body,
    window,
    (place) => view.data.rows[view.shown[place]][ID],
    rowCreate,
    (element, place) => rowUpdate(element, view.data.rows[view.shown[place]], place, view),
  );
}

function relayout(root, view) {
  view.shown = visible(view.data.rows, view.closed);
  const height = view.shown.length * ROW_H;
  root.querySelector(".body").style.height = `${height}px`;
  root.querySelector(".scroll").style.height = `${Math.min(VIEW_H, height) + 2}px`;
  paint(root, view);
}

function build(root, view) {
  const scroll = make("div", { class: "scroll", tabindex: "0", role: "tree" }, make("div", { class: "shades", "aria-hidden": "true" }), make("div", { class: "body" }));
  let asked = false;
  scroll.addEventListener("scroll", () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      paint(root, view);
    });
  });
  scroll.addEventListener("click", (event) => {
    const toggle = event.target.closest("button");
    if (!toggle) return;
    const id = toggle.closest(".row").rowId;
    if (view.closed.has(id)) view.closed.delete(id);
    else view.closed.add(id);
    relayout(root, view);
  });
  root.append(scroll);
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  let view = views.get(root);
  if (!view) {
    view = { closed: new Set(), shown: [], data };
    views.set(root, view);
    build(root, view);
  }
  view.data = data;
  setAttribute(root.querySelector(".scroll"), "aria-label", data.label);
  const shades = root.querySelector(".shades");
  patch(
    shades,
    data.shades.map((shade, at) => ({ at, left: shade[0], width: shade[1] })),
    (shade) => shade.at,
    () => make("span"),
    (element, shade) => Object.assign(element.style, { left: `${shade.left * 100}%`, width: `${shade.width * 100}%` }),
  );
  relayout(root, view);
}
