import { clock } from '../clock/clock.ts'

/** Calls `act` repeatedly until disposed; does not keep the process alive. */
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
