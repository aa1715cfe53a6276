// Shared by all components: DOM building without HTML strings, and links that stay in this session.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; text is always text, never markup. */
function make(tag, attributes = {}, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
function draw(tag, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, tag), attributes, children);
}

function furnish(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child === null || child === undefined) continue;
    element.append(child.nodeType ? child : document.createTextNode(String(child)));
  }
  return element;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === "") element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

const pen = document.createElement("canvas").getContext("2d");

/** How wide a text is in the font of `root`, in pixels. */
function widthOf(text, root, size, weight = 400) {
  pen.font = `${weight} ${size}px ${getComputedStyle(root).fontFamily}`;
  return pen.measureText(text).width;
}

/** Only addresses of this dashboard are followed: no scheme, no other host. */
function ownAddress(href) {
  return typeof href === "string" && /^\/(?![/\\])/.test(href) ? href : null;
}

/** Go to an address of this dashboard in this session, with a proper entry in the history. */
function go(href) {
  if (!ownAddress(href)) return;
  window.history.pushState({}, "", href);
  window.dispatchEvent(new PopStateEvent("popstate"));
}

/** Plain clicks on links below `root` stay in this session; modified ones are the browser's. */
function followLinks(root) {
  if (root.followsLinks) return;
  root.followsLinks = true;
  root.addEventListener("click", (event) => {
    const anchor = event.target.closest("a[href]");
    if (!anchor || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const href = ownAddress(anchor.getAttribute("href"));
    if (!href) return;
    event.preventDefault();
    go(href);
  });
  // Streamlit binds single letters on the document; keys used here are not for it.
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Tab") event.stopPropagation();
  });
}

/** A link to another site, in a tab of its own; only web addresses are made. */
function elsewhere(url, text, className) {
  const href = /^https?:\/\//i.test(url) ? url : null;
  return make("a", { href, class: className, target: "_blank", rel: "noopener noreferrer" }, text, make("span", { "aria-hidden": "true" }, " ↗"));
}

/** A button that copies the address of this view. */
function copyButton() {
  const button = make("button", { type: "button", class: "button" }, "Copy link");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(window.location.href);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Copy it from the address bar";
    }
    setTimeout(() => (button.textContent = "Copy link"), 2000);
  });
  return button;
}

/** The head of an arrow, for `marker-end`. */
function arrowHead(id, className) {
  return draw(
    "marker",
    { id, viewBox: "0 0 10 10", refX: 4, refY: 5, markerWidth: 11, markerHeight: 11, markerUnits: "userSpaceOnUse", orient: "auto" },
    draw("path", { d: "M0 0L10 5L0 10Z", class: className }),
  );
}

/** Show the `data-tip` of what the pointer or the focus is on: at once, and over everything. */
function showTips(root) {
  const tip = make("div", { class: "tip-box", role: "tooltip", hidden: true });
  root.append(tip);
  const show = (target) => {
    const words = target?.getAttribute("data-tip");
    tip.hidden = !words;
    if (!words) return;
    setText(tip, words);
    const place = target.getBoundingClientRect();
    const left = Math.min(Math.max(8, place.left), window.innerWidth - tip.offsetWidth - 8);
    const above = place.top - tip.offsetHeight - 8;
    Object.assign(tip.style, { left: `${left}px`, top: `${above > 8 ? above : place.bottom + 8}px` });
  };
  for (const name of ["pointerover", "focusin"]) root.addEventListener(name, (event) => show(event.target.closest("[data-tip]")));
  for (const name of ["pointerleave", "focusout"]) root.addEventListener(name, () => show(null));
}

/** Make the children of `parent` those of `items`, reusing by key; returns the elements in order. */
function patch(parent, items, keyOf, create, update) {
  const present = new Map();
  for (const child of parent.children) present.set(child.patchKey, child);
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let element = present.get(key);
    if (element) present.delete(key);
    else {
      element = create(item);
      element.patchKey = key;
    }
    update(element, item);
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  }
  for (const gone of present.values()) gone.remove();
}

/** Lines with a button that copies them. */
function copyable(lines) {
  const button = make("button", { type: "button", class: "copy-lines" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(lines);
      button.textContent = "Copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(button.previousElementSibling);
      window.getSelection().removeAllRanges();
      window.getSelection().addRange(range);
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  return make("div", { class: "lines" }, make("pre", { class: "mono", tabindex: "0" }, lines), button);
}
