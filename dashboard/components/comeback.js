// A login ends on the first page: this remembers the one that was asked for, and goes back to it.
// Data: {mode: remember | return}.

const PLACE = "choreoscope-asked-for";

export default function ({ data }) {
  try {
    if (data.mode === "remember") {
      const here = window.location.pathname + window.location.search;
      if (here !== "/") window.sessionStorage.setItem(PLACE, here);
      return;
    }
    const asked = window.sessionStorage.getItem(PLACE);
    window.sessionStorage.removeItem(PLACE);
    if (asked && window.location.pathname + window.location.search === "/") go(asked);
  } catch {
    // Without storage the first page will do.
  }
}
