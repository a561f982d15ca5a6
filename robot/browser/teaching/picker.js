// Let a person point at one element. It stands in every frame before the page's own scripts, so that its listeners come
// first, and does nothing until `arm()`; `disarm()` leaves the page as it was found.
// `__serviweb_pointed` is the binding to robot/browser/picker.py.
() => {
  if (window.__serviweb_picker) return;
  const tell = (what) => { window.__serviweb_pointed(what).catch(() => {}); };
  const CLICKS = ["pointerdown", "pointerup", "mousedown", "mouseup", "dblclick", "auxclick", "contextmenu",
    "touchstart", "touchend", "click", "mousemove", "keydown"];
  let heard = {};
  let alive = false;
  const front = (event) => { heard[event.type]?.(event); };
  const ping = () => { alive = true; };
  const listen = () => {
    for (const kind of CLICKS) window.addEventListener(kind, front, { capture: true, passive: false });
    window.addEventListener("serviweb-ping", ping);
  };
  listen();

  const disarm = () => {
    heard = {};
    undo.splice(0).forEach((one) => one());
  };
  const undo = [];
  const arm = ({ title, text, hint, panel, passing }) => {
    disarm();
    alive = false;
    window.dispatchEvent(new Event("serviweb-ping"));
    if (!alive) listen();  // `document.open()` takes every listener away
    const hear = (target, kind, listener) => {
      target.addEventListener(kind, listener, { capture: true });
      undo.push(() => target.removeEventListener(kind, listener, { capture: true }));
    };

    // Our own things stand in a closed shadow root in the top layer, beside the body: no style and no path changes by it.
    const make = (parent, style, words = "") => {
      const made = document.createElement("div");
      made.style.cssText = style;
      made.textContent = words;
      parent.append(made);
      return made;
    };
    const host = document.createElement("serviweb-senalador");
    host.style.cssText = "all:initial!important;position:fixed!important;inset:0!important;pointer-events:none!important;"
      + "z-index:2147483647!important;width:auto!important;height:auto!important;overflow:visible!important";
    host.setAttribute("aria-hidden", "true");
    host.popover = "manual";
    document.documentElement.append(host);
    undo.push(() => host.remove());
    try { host.showPopover?.(); } catch { /* a document that is not shown has no top layer */ }
    const root = host.attachShadow({ mode: "closed" });
    const mark = make(root, "position:fixed;display:none;pointer-events:none;border:3px solid #d6006c;"
      + "background:rgb(214 0 108 / .12);border-radius:3px;box-sizing:border-box");

    if (panel) {
      const box = make(root, "position:fixed;right:12px;bottom:12px;max-width:min(380px,calc(100vw - 24px));"
        + "box-sizing:border-box;pointer-events:auto;background:#123;color:#fff;font:14px/1.35 system-ui,sans-serif;"
        + "padding:10px 14px;border-radius:8px;box-shadow:0 3px 14px rgb(0 0 0 / .45);border-left:5px solid #ff4fa0");
      make(box, "font-weight:700;color:#ffd9ec", title);
      make(box, "margin:2px 0 4px", text);
      make(box, "font-size:12px;color:#b9c8d8", hint);
      // It must cover nothing that the person wants to point at: it gives way to the mouse.
      hear(box, "pointerenter", (event) => {
        if (event.target !== box) return;
        const above = box.style.bottom === "auto";
        box.style.bottom = above ? "12px" : "auto";
        box.style.top = above ? "auto" : "12px";
      });
    }

    if (!passing) {
      // A disabled button gets no mouse events at all: let them through to what stands behind, and look for it ourselves.
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(":disabled { pointer-events: none !important }");
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      undo.push(() => { document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet); });
      const inside = ({ left, right, top, bottom }, x, y) => x >= left && x <= right && y >= top && y <= bottom;
      const under = (event) => {
        let found = event.composedPath()[0];
        if (!(found instanceof Element)) found = document.body;
        for (const one of found.querySelectorAll(":disabled"))
          if (inside(one.getBoundingClientRect(), event.clientX, event.clientY)
              && getComputedStyle(one).visibility === "visible") found = one;
        return found;
      };
      const stop = (event) => { event.preventDefault(); event.stopImmediatePropagation(); };
      heard.mousemove = (event) => {
        if (event.composedPath().includes(host)) return;
        const { left, top, width, height } = under(event).getBoundingClientRect();
        mark.style.cssText += `;display:block;left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
      };
      hear(document, "mouseleave", (event) => { if (event.target === document) mark.style.display = "none"; });
      for (const kind of CLICKS.slice(0, -3)) heard[kind] = stop;
      heard.click = (event) => {
        stop(event);
        if (event.composedPath().includes(host)) return;
        picker.element = under(event);
        tell("elemento");
      };
    }
    heard.keydown = (event) => {
      const what = { Escape: "nada", F2: passing ? "seguir" : "usar" }[event.key];
      if (!what) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      tell(what);
    };
  };

  const picker = { element: null, armed: () => "keydown" in heard, arm, disarm };
  Object.defineProperty(window, "__serviweb_picker", { value: picker, enumerable: false, configurable: true });
}
