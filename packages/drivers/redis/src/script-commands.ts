/** Scripts and functions: what they make nobody can tell, but they name keys, and those are looked at before and afterwards. */
import { countedFrom, type Entry, type Rule } from './rule.ts'

const named = countedFrom(1)

const script: Rule = { cannotTell: true, asks: named, asksAfter: named, wrote: () => false }

export const scripts: readonly [string, Entry][] = ['eval', 'evalsha', 'fcall'].map((name) => [name, script])
