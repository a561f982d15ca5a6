// Runs at the start of every top window: records what the page shows, for robot/browser/evidence.py.
// Put in front by evidence.py: BINDING (name of the raw CDP binding), library() (rrweb), and private.js.
// It only reads the page. Masking by value is Python's: nothing here knows a person's data.
const stringify = JSON.stringify;
const soon = queueMicrotask.bind(window);
const send = (value) => {
  const foreign = Array.prototype.toJSON; // old Prototype.js breaks JSON.stringify
  if (foreign !== undefined) delete Array.prototype.toJSON;
  try { window[BINDING](stringify(value)); } finally { if (foreign !== undefined) Array.prototype.toJSON = foreign; }
};

// A frameset, or a large frame of another origin: rrweb can't record what stands in it, so the robot takes real pictures of the steps.
const unseen = () => document.body?.tagName === "FRAMESET" || all(document, "iframe,object,embed").some((frame) => {
  const rect = frame.getBoundingClientRect();
  let known = null;
  try { known = frame.contentDocument; } catch { known = null; }
  return !known && rect.width * rect.height > 20000;
});

const start = () => {
  const { record } = library();
  let batch = [], waiting = false;
  // Only these changes can make another element private: new elements, and what names or finds them; other texts only where a
  // selector reads texts, as `:text-is()` does.
  const telling = /^(id|class|name|type|role|title|placeholder|for|href|aria-.*|data-.*)$/;
  const css = PRIVATE.flatMap(chain).map((control) => control.css).filter(Boolean);
  const asked = new Set(css.flatMap((one) => [...one.matchAll(/\[\s*([\w-]+)/g)].map((found) => found[1].toLowerCase())));
  const wordy = PRIVATE.flatMap(chain).some((control) => control.text || (control.css && !unreadable(control) && !playwright.plainly(control.css)));
  if (wordy) asked.add("value"); // the text of a button
  const changes = ({ type, data }) => type === 2 || (type === 3 && data.source === 0 &&
    ((wordy && data.adds.length + data.removes.length + data.texts.length > 0) || data.adds.some(({ node }) => node.type === 2) ||
      data.attributes.some(({ attributes }) => Object.keys(attributes).some((name) => telling.test(name) || asked.has(name)))));
  const { mirror } = record, ids = (elements) => [...elements].map((e) => mirror.getId(e)).filter((id) => id > 0);
  const flush = () => {
    waiting = false;
    const out = { e: batch };
    batch = [];
    try {
      if (out.e.some(changes)) {
        const found = privateElements();
        out.p = ids(found.whole);
        out.r = ids(found.rows);
        const images = documents(document).flatMap((d) => [...d.images].slice(0, 300));
        out.i = images.map((image) => [mirror.getId(image), image.width, image.height]);
        if (out.e.some((event) => event.type === 2)) {
          if (unread().length) out.x = `el mapa no dice bien lo privado: ${unread().join(", ")}`;
          out.unseen = unseen();
        }
      }
    } catch (error) {
      out.p = ids([document.documentElement]); // what is private isn't known: nothing of the page is shown
      out.x = error.name;
    }
    send(out);
  };
  record({
    emit: (event) => { batch.push(event); if (!waiting) { waiting = true; soon(flush); } },
    recordAfter: "DOMContentLoaded",
    inlineStylesheet: true,
    slimDOMOptions: "all",
    maskInputOptions: { password: true },
    sampling: { mousemove: false, scroll: 100, media: 800, input: "all" },
    errorHandler: (error) => { try { send({ x: String(error && error.name) }); } catch { /* the page goes on */ } return true; },
  });
  return record;
};

let recording = null;
const handle = {
  // Begin, or take a full picture of the page as it is now; called when a case starts on a page that is already there.
  start() { if (recording) recording.takeFullSnapshot(); else recording = start(); },
};
Object.defineProperty(window, BINDING + "_", { value: handle, enumerable: false });
if (typeof window[BINDING] === "function") {
  try { handle.start(); } catch (error) { send({ x: String(error && error.name) }); }
}
