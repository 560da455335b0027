// Moments come in UTC. People read them in the time of their machine; UTC is on hover.
(() => {
  "use strict";
  const lang = document.documentElement.lang;
  const day = { day: "numeric", month: "short", year: "numeric" };
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  const whole = new Intl.DateTimeFormat(lang, { ...day, ...clock });
  const brief = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

  function localise(root) {
    for (const element of root.querySelectorAll("time[datetime]:not([data-keep])")) {
      const moment = new Date(element.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      const text = ("brief" in element.dataset ? brief : whole).format(moment);
      if (element.textContent !== text) element.textContent = text;
    }
  }

  localise(document);
  document.addEventListener("htmx:after:swap", () => localise(document));
})();
