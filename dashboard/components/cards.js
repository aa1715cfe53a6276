// KPI cards. Data: {cards: [{label, value, note, delta: {text, way, look}, look, href, points, bars}]}.

const WIDTH = 200;
const HEIGHT = 36;

function sparkline(points) {
  const known = points.filter((point) => point !== null);
  if (known.length < 2) return ["", ""];
  const top = Math.max(...known, 1e-9);
  const step = WIDTH / (points.length - 1);
  let line = "";
  let pen = false;
  let first = null;
  let last = null;
  points.forEach((point, at) => {
    if (point === null) {
      pen = false;
      return;
    }
    const x = (at * step).toFixed(1);
    const y = (HEIGHT - 2 - (point / top) * (HEIGHT - 6)).toFixed(1);
    line += `${pen ? "L" : "M"}${x} ${y}`;
    first ??= x;
    last = x;
    pen = true;
  });
  const whole = line.indexOf("M", 1) === -1;
  return [line, whole ? `${line}L${last} ${HEIGHT}L${first} ${HEIGHT}Z` : ""];
}

/** One bar a value, as a filled path. */
function bars(points) {
  const known = points.filter((point) => point !== null);
  if (known.length < 2) return "";
  const top = Math.max(...known, 1e-9);
  const step = WIDTH / points.length;
  let shape = "";
  points.forEach((point, at) => {
    if (!point) return;
    const high = Math.max(1.5, (point / top) * (HEIGHT - 6));
    const x = (at * step + step * 0.15).toFixed(1);
    shape += `M${x} ${HEIGHT}V${(HEIGHT - high).toFixed(1)}h${(step * 0.7).toFixed(1)}V${HEIGHT}Z`;
  });
  return shape;
}

function create() {
  const card = make("a", { class: "card" });
  card.append(
    make("span", { class: "label" }),
    make("span", { class: "value" }),
    make("span", { class: "note" }, make("span", { class: "delta" }), make("span", { class: "words" })),
    draw(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      draw("path", { class: "area" }),
      draw("path", { class: "line", "vector-effect": "non-scaling-stroke" }),
    ),
  );
  return card;
}

function update(element, card) {
  setAttribute(element, "href", ownAddress(card.href));
  setAttribute(element, "data-look", card.look);
  const [label, value, note, svg] = element.children;
  setText(label, card.label);
  setText(value, card.value);
  const [delta, words] = note.children;
  setText(delta, card.delta ? `${card.delta.way} ${card.delta.text}` : "");
  setAttribute(delta, "data-look", card.delta?.look);
  setText(words, card.delta ? "" : card.note || "");
  setAttribute(element, "title", card.title);
  const [line, area] = sparkline(card.points || []);
  setAttribute(svg.children[0], "d", card.bars ? bars(card.points || []) : area);
  setAttribute(svg.children[0], "class", card.bars ? "bars" : "area");
  setAttribute(svg.children[1], "d", card.bars ? "" : line);
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  followLinks(root);
  root.classList.add("cards");
  patch(root, data.cards, (card) => card.label, create, update);
}
