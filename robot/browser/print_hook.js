// While a print option is being clicked, `window.print()` tells the robot instead of opening a dialog that blocks the page.
// `__serviweb_paper` is the binding to robot/browser/documents.py; `restore()` leaves every window as it was found.
() => {
  if (window.__serviweb_print) return;
  const native = { print: window.print, close: window.close, open: window.open, createObjectURL: URL.createObjectURL };
  const tell = (message) => { window.__serviweb_paper(message).catch(() => {}); };

  // What a printer would get at this moment: scripts gone, typed values, style rules and canvases written down.
  const snapshot = (view) => {
    const root = view.document.documentElement;
    const copy = root.cloneNode(true);
    const live = root.querySelectorAll("*");
    const still = copy.querySelectorAll("*");
    live.forEach((element, i) => {
      const twin = still[i];
      switch (element.localName) {
        case "script": case "noscript": twin.remove(); break;
        case "style": try { twin.textContent = Array.from(element.sheet.cssRules, (rule) => rule.cssText).join("\n"); } catch { /* a sheet that is switched off */ } break;
        case "textarea": twin.textContent = element.value; break;
        case "option": twin.toggleAttribute("selected", element.selected); break;
        case "input": twin.toggleAttribute("checked", element.checked); twin.setAttribute("value", element.value); break;
        case "canvas": try {
          const picture = view.document.createElement("img");
          picture.src = element.toDataURL();
          picture.style.cssText = `width:${element.clientWidth}px;height:${element.clientHeight}px`;
          twin.replaceWith(picture);
        } catch { /* a canvas painted with another site's picture can't be read */ } break;
      }
    });
    return (view.document.compatMode === "CSS1Compat" ? "<!DOCTYPE html>" : "") + copy.outerHTML;
  };

  const watch = (view, popup) => {
    view.close = () => {};           // a window often closes itself after printing: the robot closes it when it has the paper
    view.print = () => {
      if (view.document.readyState !== "complete") return tell({ print: true, popup });   // like the browser: printed once loaded
      view.dispatchEvent(new Event("beforeprint"));
      tell({ print: true, popup, html: snapshot(view), base: view.document.baseURI });
      view.dispatchEvent(new Event("afterprint"));
    };
  };

  watch(window, false);
  // A window opened empty and written into has no init script yet when its opener calls print() on it.
  window.open = (...given) => {
    const view = native.open.apply(window, given);
    try { if (view) watch(view, true); } catch { /* another origin: its own init script sees to it */ }
    return view;
  };
  URL.createObjectURL = (source) => {
    if (source instanceof Blob && /pdf/i.test(source.type)) {
      const reader = new FileReader();
      reader.onload = () => tell({ pdf: reader.result.split(",")[1] });
      reader.readAsDataURL(source);
    }
    return native.createObjectURL.call(URL, source);
  };
  window.__serviweb_print = {
    snapshot: () => snapshot(window),
    restore: () => {
      Object.assign(window, { print: native.print, close: native.close, open: native.open });
      URL.createObjectURL = native.createObjectURL;
      delete window.__serviweb_print;
    },
  };
}
