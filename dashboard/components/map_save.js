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
