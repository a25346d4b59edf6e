/** Scripts and functions: what they make nobody can tell, but they name keys, and those are looked at before and afterwards. */
import type { Args, Entry, Rule } from './rule.ts'

const named = (args: Args): readonly number[] => {
  const count = Number(String(args[1]))
  return Number.isInteger(count) && count > 0 && count <= args.length - 2
    ? Array.from({ length: count }, (_, index) => index + 2)
    : []
}

const script: Rule = { cannotTell: true, asks: named, asksAfter: named, wrote: () => false }

export const scripts: readonly [string, Entry][] = ['eval', 'evalsha', 'fcall'].map((name) => [name, script])
