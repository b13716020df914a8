// Repeats a task while somebody may be watching: slowly when the tab is hidden, with growing pauses when the
// platform cannot be reached, at once when the tab or the network comes back. Knows nothing of the task.

import { isTemporary } from "./errors.js";

const LONGEST_PAUSE = 30_000;

/**
 * Runs `task` now and then every `every()` milliseconds (`hidden` when the tab is hidden) until it answers false.
 * A temporary error is given to `onTrouble` and tried again, any other ends it and is given to `onFailure`.
 * Returns a function that stops it.
 */
export function poll(task, { every, hidden, onTrouble, onFailure }) {
  let timer = null;
  let waiting = false;
  let stopped = false;
  let failures = 0;

  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", wake);
    window.removeEventListener("online", wake);
  };
  const pause = (milliseconds) => {
    waiting = true;
    timer = setTimeout(turn, milliseconds);
  };
  async function turn() {
    waiting = false;
    try {
      const more = await task();
      if (stopped) return;
      failures = 0;
      if (more) pause(document.hidden ? hidden : every());
      else stop();
    } catch (error) {
      if (stopped) return;
      if (!isTemporary(error)) {
        stop();
        onFailure(error);
        return;
      }
      failures += 1;
      onTrouble(error);
      pause(Math.min(every() * 2 ** failures, LONGEST_PAUSE));
    }
  }
  function wake() {
    if (!waiting || document.hidden) return;
    clearTimeout(timer);
    turn();
  }
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  turn();
  return stop;
}
