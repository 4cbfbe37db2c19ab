(function () {
  "use strict";
  var DAY_MS = 86400000;
  var form = document.getElementById("filters");
  var groups = ["open", "unknown", "closed"].map(function (code) {
    var section = document.getElementById("group-" + code);
    return { code: code, section: section, list: section.querySelector(".entries"), number: section.querySelector(".number") };
  });

  {% include "today.js" %}

  function fold(text) {
    return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/\s+/g, " ");
  }

  var entries = Array.prototype.map.call(document.querySelectorAll(".entry"), function (element, position) {
    return {
      element: element,
      position: position,
      end: element.dataset.end || "",
      isDecided: "decided" in element.dataset,
      rating: element.dataset.rating,
      place: element.dataset.place,
      text: fold(element.querySelector(".what").textContent),
    };
  });

  function countDays(entry, today) {
    entry.group = entry.isDecided ? "closed" : "unknown";
    if (entry.isDecided || !entry.end) return;
    var days = Date.parse(entry.end + "T00:00:00Z") / DAY_MS - today;
    entry.group = days < 0 ? "closed" : "open";
    entry.element.querySelector(".label").textContent = days < 0 ? "Comments closed" : "Comments by";
    entry.element.querySelector(".left").textContent =
      days < 0 ? "" : days === 0 ? "Last day: today" : days === 1 ? "1 day left" : days + " days left";
    entry.element.classList.toggle("soon", days >= 0 && days <= 7);
  }

  function sort() {
    var today = readToday();
    entries.forEach(function (entry) { countDays(entry, today); });
    groups.forEach(function (group) {
      var direction = group.code === "closed" ? -1 : 1;
      var members = entries.filter(function (entry) { return entry.group === group.code; });
      members.sort(function (a, b) {
        return a.end === b.end ? a.position - b.position : (a.end < b.end ? -1 : 1) * direction;
      });
      members.forEach(function (entry) { group.list.appendChild(entry.element); });
    });
  }

  function filter() {
    var words = fold(form.elements.search.value).split(" ").filter(Boolean);
    var rating = form.elements.rating.value;
    var place = form.elements.place.value;
    var shown = { open: 0, unknown: 0, closed: 0 };
    var total = 0;
    entries.forEach(function (entry) {
      var fits =
        (!rating || entry.rating === rating) &&
        (!place || entry.place === place) &&
        words.every(function (word) { return entry.text.indexOf(word) >= 0; });
      entry.element.hidden = !fits;
      if (fits) { shown[entry.group] += 1; total += 1; }
    });
    groups.forEach(function (group) {
      group.section.hidden = !shown[group.code];
      group.number.textContent = shown[group.code];
    });
    document.getElementById("reset").classList.toggle("is-idle", !words.length && !rating && !place);
    document.getElementById("shown").textContent =
      total === entries.length ? "All " + total + " shown, sorted by deadline." : total + " of " + entries.length + " shown, sorted by deadline.";
  }

  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("input", filter);
  form.addEventListener("change", filter);
  form.addEventListener("reset", function () { setTimeout(filter); });
  // Also after a way back to this page, when the browser fills the form in again.
  window.addEventListener("pageshow", function () { sort(); filter(); });
})();
