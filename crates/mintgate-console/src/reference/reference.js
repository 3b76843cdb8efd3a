// The page can be read without this. It filters, copies, names the address that the page came from in the examples, and
// chooses the colours, which are those of the console.
"use strict";

const SCHEME = "mantine-color-scheme-value";

function applyScheme() {
  let scheme = null;
  try {
    scheme = localStorage.getItem(SCHEME);
  } catch {
    // A browser that keeps nothing follows the system.
  }
  if (scheme === "light" || scheme === "dark") {
    document.documentElement.dataset.scheme = scheme;
  } else {
    delete document.documentElement.dataset.scheme;
  }
}

function changeScheme() {
  const now = document.documentElement.dataset.scheme;
  const dark = now ? now === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  try {
    localStorage.setItem(SCHEME, dark ? "light" : "dark");
  } catch {
    // As above.
  }
  document.documentElement.dataset.scheme = dark ? "light" : "dark";
}

/** Shows the operations in whose text all of the words stand. */
function filter(words, operations) {
  const groups = new Set();
  for (const { article, entry, text, group } of operations) {
    const fits = words.every((word) => text.includes(word));
    article.hidden = !fits;
    entry.hidden = !fits;
    if (fits) {
      groups.add(group);
    }
  }
  for (const group of document.querySelectorAll("section.group")) {
    group.hidden = !groups.has(group.id);
  }
  for (const list of document.querySelectorAll(".contents [data-group]")) {
    list.hidden = !groups.has(list.dataset.group);
  }
  document.getElementById("nothing").hidden = groups.size > 0;
  document.getElementById("schemas").hidden = words.length > 0;
}

function filterable() {
  return Array.from(document.querySelectorAll("article.operation"), (article) => ({
    article,
    entry: document.querySelector(`[data-operation="${article.id}"]`),
    text: article.querySelector(".words").textContent.toLowerCase(),
    group: article.closest("section").id,
  }));
}

function setUpFilter() {
  const operations = filterable();
  const field = document.getElementById("filter");
  const apply = () => filter(field.value.toLowerCase().split(/\s+/).filter(Boolean), operations);
  const clear = () => {
    field.value = "";
    apply();
  };
  field.addEventListener("input", apply);
  addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement;
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      field.focus();
      field.select();
    } else if (event.key === "Escape" && field.value !== "") {
      clear();
    }
  });
  // Whoever follows a link wants to see where it leads.
  addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.closest("[hidden]")) {
      clear();
      target.scrollIntoView();
    }
  });
  // Browsers keep what was typed over a reload.
  apply();
}

function setUpCopying() {
  for (const button of document.querySelectorAll("button.copy")) {
    if (!navigator.clipboard) {
      return;
    }
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.parentElement.querySelector("pre").textContent);
      button.textContent = "Copied";
      setTimeout(() => {
        button.textContent = "Copy";
      }, 1500);
    });
  }
}

/** Marks what is being read in the list. */
function setUpPlace() {
  const entries = new Map();
  for (const entry of document.querySelectorAll("[data-operation]")) {
    entries.set(entry.dataset.operation, entry.querySelector("a"));
  }
  const observer = new IntersectionObserver(
    (seen) => {
      for (const { target, isIntersecting } of seen) {
        if (isIntersecting) {
          document.querySelector('.contents [aria-current="location"]')?.removeAttribute("aria-current");
          const link = entries.get(target.id);
          link?.setAttribute("aria-current", "location");
          if (matchMedia("(min-width: 60rem)").matches) {
            link?.scrollIntoView({ block: "nearest" });
          }
        }
      }
    },
    { rootMargin: "-15% 0px -80% 0px" },
  );
  for (const article of document.querySelectorAll("article.operation")) {
    observer.observe(article);
  }
}

applyScheme();
addEventListener("DOMContentLoaded", () => {
  for (const host of document.querySelectorAll(".host")) {
    host.textContent = location.origin;
  }
  const colours = document.getElementById("colours");
  colours.addEventListener("click", changeScheme);
  for (const control of document.querySelectorAll(".filter[hidden], .keys[hidden], #colours")) {
    control.hidden = false;
  }
  const list = document.querySelector("details.list");
  list.open = matchMedia("(min-width: 60rem)").matches;
  list.addEventListener("click", (event) => {
    if (event.target.closest("a") && !matchMedia("(min-width: 60rem)").matches) {
      list.open = false;
    }
  });
  setUpFilter();
  setUpCopying();
  setUpPlace();
});
