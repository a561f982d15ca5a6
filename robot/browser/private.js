// Finds the map's private controls in a page, as Playwright's own locators would, only more generously: a control too many is
// masked rather than one too few. Reads only. Needs PRIVATE, put in front by evidence.py and covered.py.
// A selector that can't be read stands for all of its container; without a container, for the whole page (`lost`).

// Playwright's CSS (playwright.dev/docs/other-locators), read once and matched from right to left, open shadow roots included:
// what a browser's own selectors don't know, such as :text-is(), :has-text(), nested :has() and `>>`.
// What depends on the moment or on the layout (:visible, :near() and the like) is taken to hold: the hidden is recorded too.
const playwright = (() => {
  const SPACE = "[ \\t\\n\\r\\f]", ESCAPE = `\\\\(?:[0-9a-f]{1,6}${SPACE}?|[^\\n\\r\\f0-9a-f])`, LETTER = `[\\w\\u0080-\\uffff-]|${ESCAPE}`;
  const STRING = `"(?:[^"\\\\\\n]|\\\\[^])*"|'(?:[^'\\\\\\n]|\\\\[^])*'`;
  const token = (pattern) => new RegExp(pattern, "iy");
  const IDENT = token(`(?:--|-?(?:[a-z_\\u0080-\\uffff]|${ESCAPE}))(?:${LETTER})*`), HASH = token(`#(?:${LETTER})+`);
  const TEXT = token(STRING), NUMBER = token(`[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?!${LETTER})`);
  const BRACKET = token(`\\[(?:[^\\]"'\\\\]|\\\\[^]|${STRING})*\\]`), PIECE = token(`[^()"'\\\\]+|\\\\[^]|${STRING}`);
  const BLANK = token(`(?:${SPACE}|/\\*[^]*?(?:\\*/|$))+`), COMMENT = token("/\\*[^]*?(?:\\*/|$)");
  const letters = (text) => text.slice(1, -1).replace(/\\(?:([0-9a-f]{1,6})[ \t\n\r\f]?|(\n)|([^]))/gi, (_, hex, line, letter) =>
    hex ? String.fromCodePoint(parseInt(hex, 16)) : line ? "" : letter);

  // A list of selectors, each a list of {css, functions, combinator}, `scoped` if it names its scope. Throws what can't be read.
  const parse = (source) => {
    let at = 0;
    const fail = () => { throw new SyntaxError(source.slice(at, at + 20)); };
    const take = (pattern) => { pattern.lastIndex = at; const found = pattern.exec(source)?.[0]; if (found) at += found.length; return found; };
    const over = (letter) => (source[at] === letter ? ++at : fail());
    const balanced = () => {
      let inside = "";
      for (;;) {
        const piece = take(PIECE);
        if (piece) inside += piece;
        else if (source[at] === "(") { at += 1; inside += `(${balanced()})`; over(")"); }
        else return inside;
      }
    };
    const simple = () => {
      const one = { css: "", functions: [], combinator: "" };
      for (let found; at < source.length;) {
        if (take(COMMENT)) continue;
        if (source[at] === "*") { one.css += "*"; at += 1; }
        else if ((found = take(IDENT) || take(HASH) || take(BRACKET))) one.css += found;
        else if (source[at] === ".") { at += 1; one.css += `.${take(IDENT) || fail()}`; }
        else if (source[at] === ":") {
          at += 1;
          const name = take(IDENT) || fail(), own = ENGINES[name.toLowerCase()], called = source[at] === "(";
          if (called) at += 1;
          if (own) one.functions.push({ name: name.toLowerCase(), args: called ? list() : [] });
          else one.css += called ? `:${name}(${balanced()})` : `:${name}`;
          if (called) { take(BLANK); over(")"); }
        } else break;
      }
      return one.css || one.functions.length ? one : fail();
    };
    const complex = () => {
      const relative = /[>+~]/.test(source[at] || "");
      const simples = [relative ? { css: "", functions: [{ name: "scope", args: [] }], combinator: "" } : simple()];
      for (;;) {
        take(BLANK);
        if (/[>+~]/.test(source[at] || "")) { simples[simples.length - 1].combinator = source[at]; at += 1; take(BLANK); }
        else if (at >= source.length || /[,)]/.test(source[at])) break;
        simples.push(simple());
      }
      simples.relative = relative;
      simples.once = simples.every(({ combinator }, index) => index === 0 ? combinator === "+" : !/[+~]/.test(combinator));
      simples.scoped = simples.some((one) => one.functions.some(({ name }) => name === "scope"));
      return simples;
    };
    const argument = () => {
      take(BLANK);
      const text = take(TEXT), number = text ? "" : take(NUMBER);
      return text ? letters(text) : number ? Number(number) : complex();
    };
    const list = () => {
      const found = [argument()];
      for (take(BLANK); source[at] === ","; take(BLANK)) { at += 1; found.push(argument()); }
      return found;
    };
    const found = list();
    return at < source.length || !found.every(Array.isArray) ? fail() : found;
  };

  // ── texts, by Playwright's rules ──
  let texts = new Map(), held = new Map(), hosts = new Map();
  const forget = () => { texts = new Map(); held = new Map(); hosts = new Map(); };
  const even = (text) => text.replace(/[\u200b\u00ad]/g, "").trim().replace(/\s+/g, " ");
  const mute = (node) => /^(SCRIPT|NOSCRIPT|STYLE)$/.test(node.nodeName) || !!node.ownerDocument.head?.contains(node);
  const written = (node) => {
    if (texts.has(node)) return texts.get(node);
    let full = "", run = "";
    const runs = [], end = () => { if (run) runs.push(run); run = ""; };
    if (node.nodeName === "INPUT" && /^(submit|button|reset)$/.test(node.type)) { full = node.value; runs.push(full); }
    else if (!mute(node)) {
      for (let child = node.firstChild; child; child = child.nextSibling) {
        if (child.nodeType === 3) { full += child.data; run += child.data; }
        else if (child.nodeType !== 8) { end(); if (child.nodeType === 1) full += written(child).full; }
      }
      end();
      if (node.shadowRoot) full += written(node.shadowRoot).full;
    }
    const found = { full, runs, low: even(full).toLowerCase() };
    texts.set(node, found);
    return found;
  };
  const smallest = (element, says) => {
    if (mute(element) || !says(written(element))) return false;
    for (const child of element.children) if (says(written(child))) return false;
    return !element.shadowRoot || !says(written(element.shadowRoot));
  };

  // ── matching; `at` is {scope, own}: what is looked below, and what :scope means where that is another ──
  const parent = (node, { scope }) => (node === scope ? null : above(node));
  const above = (node) => node.parentElement || node.parentNode?.host || null;
  const before = (node, { scope }) => (node === scope ? null : node.previousElementSibling);
  const widened = (complex, at) => {
    const wider = complex.scoped && at.scope.nodeType === 1 && above(at.scope);
    return wider ? { scope: wider, own: at.own || at.scope } : at;
  };
  const fitsOne = (element, { css, functions }, at) =>
    element !== at.scope && (!css || element.matches(css)) && functions.every(({ name, args }) => ENGINES[name].fits(element, args, at));
  const fitsBefore = (element, complex, index, at) => {
    if (index < 0) return true;
    const { combinator } = complex[index], step = /[+~]/.test(combinator) ? before : parent;
    for (let other = step(element, at); other; other = step(other, at)) {
      if (fitsOne(other, complex[index], at) && fitsBefore(other, complex, index - 1, at)) return true;
      if (combinator === ">" || combinator === "+") return false;
    }
    return false;
  };
  const fits = (element, complex, outer) => {
    const at = widened(complex, outer), last = complex.length - 1;
    return fitsOne(element, complex[last], at) && fitsBefore(element, complex, last - 1, at);
  };
  // A place and the open shadow roots below it; most documents have none.
  const shadows = (place) => [...(place.shadowRoot ? [place] : []), ...place.querySelectorAll("*")].filter((e) => e.shadowRoot).flatMap((e) => [e.shadowRoot, ...shadows(e.shadowRoot)]);
  const below = (place) => {
    const page = place.ownerDocument || place;
    if (!hosts.has(page)) hosts.set(page, shadows(page).length > 0);
    return hosts.get(page) ? [place, ...shadows(place)] : [place];
  };
  const all = (place, css) => { const found = []; for (const root of below(place)) found.push(...root.querySelectorAll(css)); return found; };
  // Where the last part of a selector may stand; behind a leading combinator, only below or beside the scope itself.
  const candidates = function* (complex, outer, at) {
    const css = complex[complex.length - 1].css || "*";
    if (!complex.relative || at === outer || outer.own) yield* all(at.scope, css);
    else if (complex[0].combinator === ">") yield* all(outer.scope, css);
    else for (let next = outer.scope.nextElementSibling; next; next = complex.once ? null : next.nextElementSibling) {
      if (next.matches(css)) yield next;
      yield* all(next, css);
    }
  };
  const matching = function* (list, outer) {
    for (const complex of list) {
      const at = widened(complex, outer), last = complex.length - 1;
      for (const element of candidates(complex, outer, at))
        if (fitsOne(element, complex[last], at) && fitsBefore(element, complex, last - 1, at)) yield element;
    }
  };
  const query = (list, at) => [...new Set(matching(list, at))];
  const once = (args, element, at, work) => {
    if (at.own) return work();
    if (!held.has(args)) held.set(args, new Map());
    const known = held.get(args);
    if (!known.has(element)) known.set(element, work());
    return known.get(element);
  };

  const lists = (args) => args.length > 0 && args.every(Array.isArray);
  const wording = (args) => args.length === 1 && typeof args[0] === "string";
  const numbered = (args) => lists(args.slice(0, -1)) && typeof args[args.length - 1] === "number";
  const placed = { takes: (args) => lists(args) || numbered(args), fits: () => true, vague: true };
  const some = { takes: lists, fits: (element, args, at) => args.some((complex) => fits(element, complex, at)) };
  const contains = (text) => { const low = even(text).toLowerCase(); return (told) => told.low.includes(low); };
  const ENGINES = {
    __proto__: null,
    "is": some, "where": some, "light": { ...some, vague: true },
    "not": { takes: lists, fits: (element, args, at) => args.some(vague) || !some.fits(element, args, at) },
    "has": { takes: lists, fits: (element, args, at) => once(args, element, at, () => !matching(args, { ...at, scope: element }).next().done) },
    "scope": { takes: (args) => !args.length, fits: (element, _, { scope, own }) => element === ((own || scope).documentElement || own || scope) },
    "visible": { takes: (args) => !args.length, fits: () => true, vague: true },
    "text": { takes: wording, fits: (element, [text]) => smallest(element, contains(text)) },
    "text-is": { takes: wording, fits: (element, [text]) => {
      const wanted = even(text), { runs } = mute(element) ? { runs: null } : written(element);
      return !!runs && ((!wanted && !runs.length) || runs.some((run) => even(run) === wanted));
    } },
    "has-text": { takes: wording, fits: (element, [text]) => !mute(element) && contains(text)(written(element)) },
    "text-matches": {
      takes: (args) => /^[12]$/.test(args.length) && args.every((arg) => typeof arg === "string") && !!new RegExp(...args),
      fits: (element, args) => smallest(element, ({ full }) => new RegExp(...args).test(full)),
    },
    "nth-match": { takes: (args) => numbered(args) && args[args.length - 1] >= 1, fits: (element, args, at) => {
      const inner = args.slice(0, -1);
      if (inner.some(vague) || (inner.length > 1 && below(at.scope).length > 1)) return some.fits(element, inner, at);
      const found = once(args, at.scope, at, () => (inner.length === 1 ? query(inner, at) : query(inner, at).sort((one, two) => (one.compareDocumentPosition(two) & 4 ? -1 : 1))));
      return found[args[args.length - 1] - 1] === element;
    } },
    "above": placed, "below": placed, "right-of": placed, "left-of": placed, "near": placed,
  };
  const functionsOf = (complex) => complex.flatMap((one) => one.functions);
  const vague = (complex) => functionsOf(complex).some(({ name, args }) => ENGINES[name].vague || args.filter(Array.isArray).some(vague));
  const check = (complex) => complex.forEach(({ css, functions }) => {
    if (css) document.createDocumentFragment().querySelector(css);
    for (const { name, args } of functions) {
      if (!ENGINES[name].takes(args)) throw new SyntaxError(name);
      args.filter(Array.isArray).forEach(check);
    }
  });

  // The parts of a `>>` chain, as Playwright cuts it. Only parts of CSS are read; of several, `nth=` and `visible=` keep all.
  const cut = (source) => {
    const parts = [""];
    let quote = "";
    for (const piece of source.match(/\\[^]|>>|[^]/g) || []) {
      if (piece === quote) quote = "";
      else if (!quote && /["'`]/.test(piece)) quote = piece;
      if (!quote && piece === ">>") parts.push(""); else parts[parts.length - 1] += piece;
    }
    return parts.map((piece) => piece.trim());
  };
  const NATIVE = /^(is|not|where|has)$/, PREFIX = /^([\w\-+:*]+)\s*=/;
  const standard = (complex) => functionsOf(complex).every(({ name, args }) => NATIVE.test(name) && args.every(standard));
  const part = (source) => {
    const engine = PREFIX.exec(source)?.[1] || "css", body = source.replace(PREFIX, "");
    if (engine === "nth" || engine === "visible") return null;
    if (engine !== "css") throw new SyntaxError(engine);
    const list = parse(body);
    list.forEach(check);
    let native = list.every(standard) ? body : "";
    try { if (native) document.createDocumentFragment().querySelector(native); } catch { native = ""; }
    return { list, native, single: list.every((complex) => complex.length === 1 && !complex[0].functions.length) };
  };
  const chains = new Map();
  const read = (css) => {
    if (!chains.has(css)) {
      try { chains.set(css, cut(css).map(part).filter(Boolean)); } catch (error) { chains.set(css, error); }
    }
    const found = chains.get(css);
    if (found instanceof Error) throw found;
    return found;
  };
  const find = (css, place) => read(css).reduce((places, { list, native, single }) => [...new Set(places.flatMap((one) => {
    const quick = native && (single || (one.nodeType === 9 && below(one).length === 1));
    return quick ? all(one, native) : query(list, { scope: one });
  }))], [place]);
  return { find, read, all, forget, plainly: (css) => read(css).every(({ native }) => native) };
})();

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

const all = (root, css) => [...root.querySelectorAll(css)];
const search = (control, place) => {
  const every = (css) => playwright.all(place, css);
  if (control.css) return playwright.find(control.css, place);
  if (control.test_id) return every(`[data-testid="${CSS.escape(control.test_id)}"]`);
  if (control.placeholder) return every("[placeholder]").filter((e) => plain(e.placeholder) === plain(control.placeholder));
  if (control.label) {
    const wanted = plain(control.label);
    return every("input,select,textarea,output,meter,progress,button,[aria-label],[aria-labelledby]").filter((e) => names(e, "").includes(wanted));
  }
  if (control.role) {
    const same = every([TAGS[control.role], `[role="${CSS.escape(control.role)}"]`].filter(Boolean).join(","));
    if (!control.name) return same;
    const wanted = plain(control.name);
    return same.filter((e) => names(e, control.role).includes(wanted));
  }
  if (control.text) {
    const wanted = plain(control.text);
    const same = every("*").filter((e) => e.textContent.length < 4 * control.text.length + 40 && plain(e.textContent) === wanted);
    return same.filter((e) => !same.some((other) => other !== e && e.contains(other)));
  }
  return [];
};
const find = (control, root) => {
  if (root.nodeType === 11) return []; // what stands in a shadow root is found from its document
  const inside = control.within ? find({ ...control.within, many: true }, root) : [root];
  return inside.flatMap((place) => {
    try { return search(control, place); } catch {
      control.many = false; // no row of this place is known to be the case's own
      return [place.documentElement || place];
    }
  });
};
// The controls whose selector can't be read; those of them that no container bounds either.
const unreadable = ({ css }) => { try { if (css) playwright.read(css); return false; } catch { return true; } };
const unbounded = (control) => unreadable(control) && (!control.within || unbounded(control.within));
const chain = (control) => [control, ...(control.within ? chain(control.within) : [])];
const unread = () => PRIVATE.filter((control) => chain(control).some(unreadable)).map(({ title }) => title);
const lost = () => PRIVATE.filter(unbounded).map(({ title }) => title);

// A document or shadow root with the open shadow roots in it.
const roots = (root) => [root, ...all(root, "*").filter((e) => e.shadowRoot).flatMap((e) => roots(e.shadowRoot))];
const documents = (doc) => [doc, ...playwright.all(doc, "iframe,frame").flatMap((frame) => {
  try { return frame.contentDocument ? documents(frame.contentDocument) : []; } catch { return []; }
})];
// Every private element of the page and its frames: {whole: [...], rows: [...]}.
const privateElements = () => {
  known = new Map();
  playwright.forget();
  const found = { whole: new Set(), rows: new Set() };
  for (const root of PRIVATE.length ? documents(document) : [])
    for (const control of PRIVATE) for (const element of find(control, root)) (control.many ? found.rows : found.whole).add(element);
  return found;
};
