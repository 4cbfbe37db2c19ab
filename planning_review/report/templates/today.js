// The day that counts is the council's, wherever the reader is.
function readToday() {
  var parts = {};
  new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", year: "numeric", month: "numeric", day: "numeric" })
    .formatToParts(new Date())
    .forEach(function (part) { parts[part.type] = Number(part.value); });
  return Date.UTC(parts.year, parts.month - 1, parts.day) / 86400000;
}
