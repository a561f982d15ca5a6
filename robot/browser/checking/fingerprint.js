// Describes elements as a person tells them apart: role, name, type, place and captions around. Reads only.
// Never the value of a field, nor the text of what shows somebody's data. A function of (element, many).
const plain = (text) => (text || "").replace(/\s+/g, " ").trim();
const CONTROLS = "a[href],button,input:not([type=hidden]),select,textarea,output,[role],[contenteditable],[data-testid]";
const TEXTS = "h1,h2,h3,h4,h5,h6,td,th,p,span,div,label,dd,dt,strong,b,legend,caption,table,dialog,fieldset,img";
const SPOKEN = new Set(["button", "link", "menuitem", "tab", "heading", "columnheader", "rowheader"]);
const INPUTS = { button: "button", submit: "button", reset: "button", image: "button", checkbox: "checkbox", radio: "radio", number: "spinbutton", search: "searchbox", range: "slider", file: "", password: "", date: "" };
const ROLES = {
  BUTTON: "button", SELECT: "combobox", TEXTAREA: "textbox", OUTPUT: "status", TABLE: "table", TR: "row", TD: "cell", TH: "columnheader", DIALOG: "dialog",
  H1: "heading", H2: "heading", H3: "heading", H4: "heading", H5: "heading", H6: "heading", FIELDSET: "group", FORM: "form", NAV: "navigation", UL: "list", LI: "listitem", IMG: "img", P: "paragraph",
};

const roleOf = (element) => {
  const given = plain(element.getAttribute("role")).split(" ")[0];
  if (given) return given;
  if (element.tagName === "A") return element.hasAttribute("href") ? "link" : "";
  if (element.tagName === "SELECT") return element.multiple || element.size > 1 ? "listbox" : "combobox";
  if (element.tagName === "INPUT") return element.type in INPUTS ? INPUTS[element.type] : element.hasAttribute("list") ? "combobox" : "textbox";
  return ROLES[element.tagName] || "";
};
const ownText = (element) => {
  let text = "";
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (!walk.currentNode.parentElement.closest("select,textarea,option,script,style")) text += " " + walk.currentNode.data;
  return plain(text);
};
const byIds = (element, attribute) => plain((element.getAttribute(attribute) || "").split(/\s+/).map((id) => {
  const other = id && element.getRootNode().getElementById && element.getRootNode().getElementById(id);
  return other ? ownText(other) : "";
}).join(" "));
const labelOf = (element) => plain([...(element.labels || [])].map(ownText).join(" "));
const nameOf = (element, role, many) => {
  const given = byIds(element, "aria-labelledby") || plain(element.getAttribute("aria-label")) || labelOf(element)
    || (element.tagName === "FIELDSET" && element.querySelector("legend") ? ownText(element.querySelector("legend")) : "")
    || (element.tagName === "TABLE" && element.caption ? ownText(element.caption) : "")
    || (element.tagName === "INPUT" && ["button", "submit", "reset"].includes(element.type) ? plain(element.value) : "")
    || (["IMG", "INPUT"].includes(element.tagName) ? plain(element.getAttribute("alt")) : "");
  if (given) return given;
  const spoken = SPOKEN.has(role) && !many ? ownText(element) : "";
  return spoken || plain(element.querySelector("img[alt]")?.alt) || plain(element.getAttribute("title")) || plain(element.getAttribute("placeholder"));
};

const caption = (text) => (text && text.length <= 40 && !/\d/.test(text) ? text : "");
const around = (element) => {
  const found = [labelOf(element)];
  const cell = element.closest("td,th");
  if (cell && cell.previousElementSibling) found.push(ownText(cell.previousElementSibling));
  if (element.previousElementSibling) found.push(ownText(element.previousElementSibling));
  for (let at = element.parentElement; at && found.length < 6; at = at.parentElement) {
    const head = [...at.children].find((child) => child !== element && !child.contains(element) && /^(H[1-6]|LEGEND|CAPTION)$/.test(child.tagName));
    if (head) found.push(ownText(head));
  }
  return [...new Set(found.map(caption).filter(Boolean))].slice(0, 3);
};
// The box in the whole page, as the topmost document that may be asked sees it, and that document's size.
const placeOf = (element) => {
  const box = element.getBoundingClientRect();
  let [left, top, view] = [box.left, box.top, element.ownerDocument.defaultView];
  while (view !== view.parent) {
    let frame = null;
    try { frame = view.frameElement; } catch { break; }
    if (!frame) break;
    const outer = frame.getBoundingClientRect();
    left += outer.left + frame.clientLeft; top += outer.top + frame.clientTop; view = view.parent;
  }
  const root = view.document.scrollingElement || view.document.documentElement;
  return { x: left + view.scrollX, y: top + view.scrollY, w: box.width, h: box.height, width: Math.max(root.scrollWidth, view.innerWidth), height: Math.max(root.scrollHeight, view.innerHeight) };
};
const headOf = (element) => {
  for (let at = element.parentElement; at && at.tagName !== "BODY"; at = at.parentElement) {
    const head = [...at.children].find((child) => !child.contains(element) && /^(H[1-6]|LEGEND|CAPTION)$/.test(child.tagName));
    if (head && ownText(head)) return { box: at.tagName.toLowerCase(), tag: head.tagName.toLowerCase(), text: ownText(head) };
  }
  return null;
};
const describe = (element, many) => {
  const role = roleOf(element);
  return {
    tag: element.tagName.toLowerCase(), role, name: nameOf(element, role, many), type: element.tagName === "INPUT" ? element.type : "",
    id: element.id, field: plain(element.getAttribute("name")), title: plain(element.getAttribute("title")), placeholder: plain(element.getAttribute("placeholder")),
    test_id: plain(element.getAttribute("data-testid")), label: labelOf(element), head: headOf(element), near: many ? [] : around(element), place: placeOf(element),
  };
};
const shown = (element) => {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility === "visible";
};
