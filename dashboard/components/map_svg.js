// What a canvas would draw, as SVG: the part of the canvas interface that the ring is drawn with.

const SVG_STATE = { place: "", strokeStyle: "#000", fillStyle: "#000", lineWidth: 1, globalAlpha: 1, dash: [], font: "10px sans-serif", textAlign: "start", lineCap: "butt", globalCompositeOperation: "source-over" };
const ANCHORS = { left: "start", center: "middle", right: "end", start: "start", end: "end" };
const round1 = (value) => Math.round(value * 10) / 10;

function svgContext(width, height) {
  const svg = draw("svg", { xmlns: SVG, viewBox: `0 0 ${width} ${height}`, width, height });
  const measure = make("canvas").getContext("2d");
  const stack = [];
  let d = "";
  let fades = 0;
  const at = (x, y) => `${round1(x)} ${round1(y)}`;

  /** Colour and opacity apart: not every program that reads SVG knows rgba(). */
  function inked(paint) {
    if (paint.id) return [`url(#${paint.id})`, null];
    const [r, g, b, a] = paint.startsWith("rgb") ? paint.match(/[\d.]+/g) : [];
    const alpha = context.globalAlpha * Number(a ?? 1);
    return [r === undefined ? paint : `rgb(${r}, ${g}, ${b})`, alpha < 1 ? alpha.toFixed(3) : null];
  }

  function add(tag, attributes, ...children) {
    const blend = { lighter: "plus-lighter", screen: "screen", multiply: "multiply" }[context.globalCompositeOperation];
    const element = draw(tag, { transform: context.place || null, ...attributes }, ...children);
    if (blend) element.style.mixBlendMode = blend;
    svg.append(element);
  }

  const context = {
    ...SVG_STATE,
    svg,
    save: () => stack.push(Object.fromEntries(Object.keys(SVG_STATE).map((name) => [name, context[name]]))),
    restore: () => Object.assign(context, stack.pop()),
    translate: (x, y) => { context.place += ` translate(${at(x, y)})`; },
    rotate: (angle) => { context.place += ` rotate(${round1((angle * 180) / Math.PI)})`; },
    setLineDash: (dash) => { context.dash = dash; },
    clearRect: () => {},
    beginPath: () => { d = ""; },
    moveTo: (x, y) => { d += `M${at(x, y)}`; },
    lineTo: (x, y) => { d += `L${at(x, y)}`; },
    quadraticCurveTo: (cx, cy, x, y) => { d += `Q${at(cx, cy)} ${at(x, y)}`; },
    closePath: () => { d += "Z"; },
    rect: (x, y, w, h) => { d += `M${at(x, y)}h${round1(w)}v${round1(h)}h${round1(-w)}Z`; },
    roundRect: (x, y, w, h, r) => { d += `M${at(x + r, y)}h${round1(w - 2 * r)}a${r} ${r} 0 0 1 0 ${h}h${round1(2 * r - w)}a${r} ${r} 0 0 1 0 ${-h}Z`; },
    arc: (x, y, r, from, to) => {
      const on = (angle) => at(x + r * Math.cos(angle), y + r * Math.sin(angle));
      const way = (angle, large) => `A${round1(r)} ${round1(r)} 0 ${large} 1 ${on(angle)}`;
      const whole = to - from >= 2 * Math.PI - 1e-6;
      d += `M${on(from)}${whole ? way(from + Math.PI, 0) + way(to, 0) : way(to, to - from > Math.PI ? 1 : 0)}`;
    },
    stroke: () => {
      const [stroke, opacity] = inked(context.strokeStyle);
      add("path", { d, fill: "none", stroke, "stroke-opacity": opacity, "stroke-width": round1(context.lineWidth), "stroke-dasharray": context.dash.join(" "), "stroke-linecap": context.lineCap });
    },
    fill: () => {
      const [fill, opacity] = inked(context.fillStyle);
      add("path", { d, fill, "fill-opacity": opacity });
    },
    fillRect: (x, y, w, h) => add("rect", { x, y, width: w, height: h, fill: context.fillStyle }),
    fillText: (text, x, y) => {
      const [fill, opacity] = inked(context.fillStyle);
      const [, weight, size, family] = context.font.match(/^(\d+) ([\d.]+)px (.*)$/) ?? [null, 400, 12, "sans-serif"];
      add("text", { x: round1(x), y: round1(y), dy: "0.35em", fill, "fill-opacity": opacity, "font-weight": weight, "font-size": size, "font-family": family, "text-anchor": ANCHORS[context.textAlign] }, text);
    },
    measureText: (text) => {
      measure.font = context.font;
      return measure.measureText(text);
    },
    createLinearGradient: (x1, y1, x2, y2) => {
      fades += 1;
      const fade = draw("linearGradient", { id: `fade-${fades}`, gradientUnits: "userSpaceOnUse", x1: round1(x1), y1: round1(y1), x2: round1(x2), y2: round1(y2) });
      svg.append(fade);
      return {
        id: fade.id,
        addColorStop: (offset, colour) => {
          const [r, g, b, a] = colour.match(/[\d.]+/g);
          fade.append(draw("stop", { offset, "stop-color": `rgb(${r}, ${g}, ${b})`, "stop-opacity": a ?? 1 }));
        },
      };
    },
  };
  return context;
}
