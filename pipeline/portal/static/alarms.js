// What Airflow loads for its home page: the light of the house and the alarms that stand, beside Airflow's own health.
// It is drawn with the React of the page that it is part of. A feed's words are put in as text, never as markup.
const here = new URL("../", import.meta.url);
const EVERY = 60_000; // milliseconds; the DAG `deliver` looks every five minutes
const COLOURS = { green: "#15803d", amber: "#c2410c", red: "#b91c1c", grey: "#52525b" };

globalThis["Wirewatch alarms"] = () => {
  const { createElement: h, useEffect, useState } = globalThis.React;
  const [house, tell] = useState({ status: "grey", says: "", alarms: [] });
  useEffect(() => {
    const ask = () =>
      fetch(new URL("alarms.json", here), { headers: { Accept: "application/json" } })
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`it answered ${answer.status}`))))
        .catch((error) => ({ status: "red", says: `Wirewatch cannot be asked: ${error.message}`, alarms: [] }))
        .then(tell);
    ask();
    const again = setInterval(ask, EVERY);
    return () => clearInterval(again);
  }, []);
  const colour = COLOURS[house.status] ?? COLOURS.red;
  const shown = house.alarms.slice(0, 5).map((alarm, place) => h("li", { key: place }, alarm.title));
  const more = house.alarms.length - shown.length;
  return h(
    "section",
    {
      "aria-label": "Wirewatch",
      "data-light": house.status,
      style: { borderLeft: `6px solid ${colour}`, padding: "0.5rem 1rem", margin: "0.5rem 0" },
    },
    h(
      "a",
      { href: new URL("alarms", here).href, style: { fontWeight: 600, textDecoration: "underline" } },
      house.status === "grey" ? "Wirewatch …" : `Wirewatch is ${house.status}`,
    ),
    house.says ? h("p", null, house.says) : null,
    h("ul", { style: { paddingLeft: "1.2rem" } }, ...shown, more > 0 ? h("li", { key: "more" }, `and ${more} more`) : null),
  );
};
