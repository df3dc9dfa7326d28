// What Airflow loads for the entry "Digests" of its navigation: it leaves for our own pages, in the same tab.
// Airflow shows a plugin's page in a frame in which no link to elsewhere works, and draws an entry with nothing but an
// address as a button without one; a plugin of this kind is part of Airflow's page, and may go where it likes.
const pages = new URL("../", import.meta.url).href;

globalThis.AirflowPlugin = () => {
  window.location.replace(pages); // not a step of the history, so that "back" leads to where the reader came from
  return null;
};
