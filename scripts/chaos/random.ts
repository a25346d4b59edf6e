/** A seeded random number generator. */
export interface Random {
  /** An integer from `from` to `to`, inclusive. */
  whole(from: number, to: number): number
  /** From 0 to 1. */
  share(): number
  one<T>(of: readonly T[]): T
  shuffled<T>(of: readonly T[]): T[]
}

export function random(seed: number): Random {
  const share = mulberry32(seed)
  const whole = (from: number, to: number) => from + Math.floor(share() * (to - from + 1))
  return {
    share,
    whole,
    one: (of) => of[whole(0, of.length - 1)] as (typeof of)[number],
    shuffled(of) {
      const all = [...of]
      for (let last = all.length - 1; last > 0; last--) {
        const other = whole(0, last)
        ;[all[last], all[other]] = [all[other] as (typeof all)[number], all[last] as (typeof all)[number]]
      }
      return all
    },
  }
}

/** https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
