// Finds the map's private controls in a page, as Playwright's own locators would, only more generously: a control too many is
// masked rather than one too few. Reads only. Needs PRIVATE, put in front by evidence.py and covered.py.
const plain = (text) => (text || "").normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/\s+/g, " ").trim().replace(/\s*[:*]+\s*$/, "");
const SPOKEN = /^(button|link|cell|gridcell|row|option|heading|listitem|tab|menuitem|status|alert|columnheader|rowheader)$/;
const TAGS = {
  textbox: "input:not([type]),input[type=text],input[type=email],input[type=tel],input[type=url],input[type=password],textarea,[contenteditable]",
  searchbox: "input[type=search]", spinbutton: "input[type=number]", combobox: "select,input[list]", listbox: "select",
  checkbox: "input[type=checkbox]", radio: "input[type=radio]", button: "button,input[type=button],input[type=submit]",
  link: "a[href]", cell: "td", row: "tr", rowgroup: "tbody,thead,tfoot", table: "table", listitem: "li", list: "ul,ol", option: "option",
  heading: "h1,h2,h3,h4,h5,h6", img: "img", status: "output", group: "fieldset", dialog: "dialog", form: "form", region: "section",
};

const labelText = (label) => {
  let text = "";
  const walk = document.createTreeWalker(label, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (!walk.currentNode.parentElement.closest("select,textarea,option")) text += walk.currentNode.data;
  return text;
};
let known = new Map(); // an element's names, while one search lasts
const names = (element, role) => {
  const key = SPOKEN.test(role) ? role : "";
  const before = known.get(element)?.[key];
  if (before) return before;
  const now = named(element, role);
  known.set(element, { ...known.get(element), [key]: now });
  return now;
};
const named = (element, role) => {
  const found = [element.getAttribute("aria-label"), element.getAttribute("title"), element.getAttribute("placeholder"), element.getAttribute("alt")];
  for (const id of (element.getAttribute("aria-labelledby") || "").split(/\s+/)) {
    const label = id && element.getRootNode().getElementById && element.getRootNode().getElementById(id);
    if (label) found.push(label.textContent);
  }
  for (const label of element.labels || []) found.push(labelText(label));
  if (element.tagName === "FIELDSET" && element.querySelector("legend")) found.push(element.querySelector("legend").textContent);
  if (element.tagName === "TABLE" && element.caption) found.push(element.caption.textContent);
  if (SPOKEN.test(role)) found.push(element.textContent, element.value);
  return found.map(plain);
};

const all = (root, css) => { try { return [...root.querySelectorAll(css)]; } catch { return []; } };
const find = (control, root) => {
  const inside = control.within ? find({ ...control.within, many: true }, root) : [root];
  return inside.flatMap((place) => {
    if (control.css) return all(place, control.css);
    if (control.test_id) return all(place, `[data-testid="${CSS.escape(control.test_id)}"]`);
    if (control.placeholder) return all(place, "[placeholder]").filter((e) => plain(e.placeholder) === plain(control.placeholder));
    if (control.label) {
      const wanted = plain(control.label);
      return all(place, "input,select,textarea,output,meter,progress,button,[aria-label],[aria-labelledby]").filter((e) => names(e, "").includes(wanted));
    }
    if (control.role) {
      const same = all(place, [TAGS[control.role], `[role="${control.role}"]`].filter(Boolean).join(","));
      if (!control.name) return same;
      const wanted = plain(control.name);
      return same.filter((e) => names(e, control.role).includes(wanted));
    }
    if (control.text) {
      const wanted = plain(control.text);
      const same = all(place, "*").filter((e) => e.textContent.length < 4 * control.text.length + 40 && plain(e.textContent) === wanted);
      return same.filter((e) => !same.some((other) => other !== e && e.contains(other)));
    }
    return [];
  });
};
const documents = (doc) => [doc, ...all(doc, "iframe,frame").flatMap((frame) => {
  try { return frame.contentDocument ? documents(frame.contentDocument) : []; } catch { return []; }
})];
// A document or shadow root with the open shadow roots in it.
const roots = (root) => [root, ...all(root, "*").filter((e) => e.shadowRoot).flatMap((e) => roots(e.shadowRoot))];
// Every private element of the page and its frames: {whole: [...], rows: [...]}.
const privateElements = () => {
  known = new Map();
  const found = { whole: new Set(), rows: new Set() };
  for (const root of PRIVATE.length ? documents(document).flatMap(roots) : [])
    for (const control of PRIVATE) for (const element of find(control, root)) (control.many ? found.rows : found.whole).add(element);
  return found;
};
