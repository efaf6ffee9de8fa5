/**
 * Runs in a measured page before its own scripts, the product's and a floor's alike: tells when something is there, and
 * when the frame that shows it is drawn.
 */
export function probe() {
  /** Resolves after the next frame: what is in the page now is on the screen then. */
  const drawn = () =>
    new Promise((resolve) => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(undefined);
      });
    });
  /** Resolves with the first element that matches, as soon as it is in the page and is as `wanted` says. */
  const there = (selector, wanted = () => true) =>
    new Promise((resolve) => {
      const look = () => {
        const found = document.querySelector(selector);
        if (!found || !wanted(found)) return false;
        observer.disconnect();
        resolve(found);
        return true;
      };
      const observer = new MutationObserver(look);
      if (!look()) observer.observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
    });
  window.bench = { drawn, there };
}
