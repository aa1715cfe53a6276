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
