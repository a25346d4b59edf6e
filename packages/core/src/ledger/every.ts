import { clock } from '../clock/clock.ts'

/** Acts again and again until disposed; keeps no process from ending. */
export function every(ms: number, act: () => void): Disposable {
  let timer = later()
  function later() {
    return clock
      .setTimeout(() => {
        act()
        timer = later()
      }, ms)
      .unref()
  }
  return { [Symbol.dispose]: () => clock.clearTimeout(timer) }
}
