/** Scripts and functions: which keys they create is unknown, but the keys that they name are checked before and after. */
import { keysCountedAt, type Rule, type RuleEntry } from './rule.ts'

const named = keysCountedAt(1)

const script: Rule = { cannotTell: true, checksBefore: named, checksAfter: named, wrote: () => false }

export const scripts: readonly [string, RuleEntry][] = ['eval', 'evalsha', 'fcall'].map((name) => [name, script])
