(function () {
  "use strict";
  {% include "today.js" %}

  var place = document.getElementById("deadline");
  if (!place) return;
  var days = Date.parse(place.dataset.end + "T00:00:00Z") / 86400000 - readToday();
  place.querySelector(".says").textContent = days < 0 ? "Closed on" : "By";
  place.querySelector(".left").textContent =
    days < 0 ? (days === -1 ? "yesterday" : -days + " days ago") + ": ask whether late comments are read"
    : days === 0 ? "Today is the last day"
    : days === 1 ? "1 day left" : days + " days left";
})();
