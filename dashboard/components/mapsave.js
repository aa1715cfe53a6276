// Saves the map on this page as a picture: as PNG, as SVG.

export default function ({ parentElement }) {
  const root = parentElement.querySelector(".root");
  if (root.children.length) return;
  for (const [format, words] of [["png", "Picture (PNG)"], ["svg", "Drawing (SVG)"]]) {
    const button = make("button", { type: "button" }, words);
    button.addEventListener("click", () => window.dispatchEvent(new CustomEvent("choreoscope-save-map", { detail: format })));
    root.append(button);
  }
}
