// Saves the map as it is seen: PNG and SVG.

const KEPT_STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline", "paint-order", "display"];

function download(name, blob) {
  const anchor = make("a", { href: URL.createObjectURL(blob), download: name });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 10000);
}

/** A flow's SVG with its looks written into it, on the page's ground. */
function plainVector(svg, colours) {
  const copy = svg.cloneNode(true);
  const [from, to] = [svg.querySelectorAll("*"), copy.querySelectorAll("*")];
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of KEPT_STYLES) to[i].style.setProperty(name, style.getPropertyValue(name));
    for (const name of ["href", "class", "tabindex"]) to[i].removeAttribute(name);
  });
  for (const hit of [...copy.querySelectorAll("path, circle")].filter((e) => e.style.stroke === "none" && e.style.fill === "none")) hit.remove();
  const [x, y, width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  copy.querySelector(".world")?.removeAttribute("transform");
  copy.prepend(draw("rect", { x, y, width, height, style: `fill: ${colours.page}` }));
  setAttribute(copy, "xmlns", SVG);
  setAttribute(copy, "width", Math.round(width));
  setAttribute(copy, "height", Math.round(height));
  return copy;
}

/** A ring as SVG, the same lines that the canvas has. */
function ringVector(frame, near) {
  const { model, colours, width, height } = frame;
  const svg = draw("svg", { xmlns: SVG, viewBox: `0 0 ${width} ${height}`, width, height, "font-family": colours.font });
  svg.append(draw("rect", { width, height, fill: colours.page }));
  const on = (angle, r) => `${(frame.x + r * Math.sin(angle)).toFixed(1)} ${(frame.y - r * Math.cos(angle)).toFixed(1)}`;
  for (const arc of model.arcs) {
    const r = frame.radius + 13;
    svg.append(draw("path", { d: `M${on(arc.start, r)}A${r} ${r} 0 ${arc.end - arc.start > Math.PI ? 1 : 0} 1 ${on(arc.end, r)}`, fill: "none", stroke: colours.muted, "stroke-opacity": 0.3, "stroke-width": 5 }));
  }
  const alpha = edgeAlpha(frame);
  const wanted = near ? new Set(near.edges) : null;
  const group = draw("g", { fill: "none", "stroke-linecap": "round", style: `mix-blend-mode: ${colours.dark ? "screen" : "multiply"}` });
  for (const edge of model.edges) {
    if (wanted && !wanted.has(edge)) continue;
    let d = "";
    for (let step = 0; step < POINTS; step += 1) {
      const p = (edge.i * POINTS + step) * 2;
      d += `${step ? "L" : "M"}${(frame.x + model.points[p] * frame.radius).toFixed(1)} ${(frame.y + model.points[p + 1] * frame.radius).toFixed(1)}`;
    }
    const loud = wanted || edge.failing || edge.stuck;
    group.append(draw("path", { d, stroke: edge.silent ? colours.muted : edge.failing ? colours.failing : colours[edge.kind], "stroke-opacity": (loud ? 0.9 : alpha * (0.55 + 0.225 * edge.width)).toFixed(3), "stroke-width": EDGE_WIDTHS[edge.width], "stroke-dasharray": edge.failing ? "7 4" : edge.silent ? "2 4" : null }));
  }
  svg.append(group);
  for (const node of model.nodes) vectorNode(svg, frame, node, near);
  for (const arc of model.arcs) if (!arc.closed && !near) vectorText(svg, frame, model.domains[arc.domain], (arc.start + arc.end) / 2, frame.radius + 26, 13, 600, colours.muted);
  return svg;
}

function vectorNode(svg, frame, node, near) {
  if (near && !near.nodes.has(node)) return;
  const [x, y] = onScreen(frame, node);
  const r = nodeRadius(frame, node);
  const fill = node.kind === "topic" ? frame.colours.messaging : node.kind === "database" ? frame.colours.database : frame.colours.node;
  const mark = node.kind === "topic" ? draw("path", { d: `M${x} ${y - r * 1.2}L${x + r * 1.2} ${y}L${x} ${y + r * 1.2}L${x - r * 1.2} ${y}Z`, fill }) : draw("circle", { cx: x, cy: y, r, fill });
  mark.append(draw("title", {}, node.name));
  svg.append(mark);
  if (near || node.kind === "domain" || (node.radius === 1 && frame.slot >= LABEL_SLOT * 1.5)) vectorText(svg, frame, node.name, node.angle, frame.radius + 24, 10, 400, frame.colours.text);
}

function vectorText(svg, frame, words, angle, distance, size, weight, fill) {
  const left = Math.sin(angle) < 0;
  const turn = (angle * 180) / Math.PI - 90 + (left ? 180 : 0);
  const place = `translate(${frame.x + distance * Math.sin(angle)} ${frame.y - distance * Math.cos(angle)}) rotate(${turn})`;
  svg.append(draw("text", { transform: place, "text-anchor": left ? "end" : "start", "dominant-baseline": "central", "font-size": size, "font-weight": weight, fill }, words));
}

async function saveMap(painter, colours, format) {
  const shown = painter.picture(2);
  const vector = painter.vector ? painter.vector() : plainVector(shown, colours);
  const svg = new XMLSerializer().serializeToString(vector);
  const svgFile = new Blob([svg], { type: "image/svg+xml" });
  if (format === "svg") return download("service-map.svg", svgFile);
  let canvas = shown;
  if (!(canvas instanceof HTMLCanvasElement)) {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    await image.decode();
    canvas = make("canvas");
    Object.assign(canvas, { width: image.naturalWidth * 2, height: image.naturalHeight * 2 });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  }
  return canvas.toBlob((blob) => download("service-map.png", blob), "image/png");
}
