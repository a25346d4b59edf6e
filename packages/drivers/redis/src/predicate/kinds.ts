/** Which kinds and key patterns a predicate selects: all patterns must match, and protected keys are left out. */
import { DustpanError, type Json, namesKind, type Predicate, type Selection } from '@dustpan/core/driver'
import { protectedType, sparedIds, type UnfitKind } from '@dustpan/core/rows'
import { plainType } from '../capture/capture-rules.ts'
import { escapeGlob } from '../glob.ts'
import type { KindPatterns, Settings } from '../options.ts'

export interface AskedKind {
  readonly type: string
  /** The server searches for the first. */
  readonly patterns: readonly [string, ...string[]]
  /** Keys that match one of these stay. */
  readonly not: readonly string[]
  /** Keys that stay. */
  readonly spared: readonly Json[]
}

/** A kind that does not support the predicate is an error if it was named, otherwise it is left out. */
export function kindsAsked(
  driver: string,
  settings: Settings,
  selection: Selection,
): readonly (AskedKind | UnfitKind)[] {
  const { predicate, spared } = selection
  const { types, except = [], reset } = predicate
  if (reset && !types) return [everything(settings, selection)]
  const named = Object.entries(settings.kinds ?? {}).filter(
    ([type]) => (types?.includes(type) ?? true) && !namesKind(except, [type]),
  )
  return named.flatMap(([type, kind]): readonly (AskedKind | UnfitKind)[] => {
    if (namesKind(spared.types, [type])) return [{ type, error: protectedType(type) }]
    const patterns = patternsFor(kind, predicate)
    if (typeof patterns !== 'string') return [{ type, patterns, not: [], spared: sparedIds([type], spared) }]
    return types ? [{ type, error: unfit(driver, type, patterns) }] : []
  })
}

/** All keys, except ignored ones and kinds that stay. */
function everything(
  { kinds = {}, ignoreKeys = [] }: Settings,
  { predicate, spared }: Selection,
): AskedKind | UnfitKind {
  if (namesKind(spared.types, [plainType])) return { type: plainType, error: protectedType(plainType) }
  const stays = (type: string) => namesKind([...(predicate.except ?? []), ...spared.types], [type])
  const kept = Object.entries(kinds).flatMap(([type, { pattern }]) => (stays(type) ? [pattern] : []))
  return {
    type: plainType,
    patterns: ['*'],
    not: [...ignoreKeys, ...kept],
    spared: sparedIds([plainType, ...Object.keys(kinds)], spared),
  }
}

/** A string says what the kind lacks. */
function patternsFor(kind: KindPatterns, predicate: Predicate): AskedKind['patterns'] | string {
  const { run, tag, owner, before, after, where = {} } = predicate
  if (before !== undefined || after !== undefined) return 'Redis does not tell how old a key is'
  const patterns: string[] = []
  for (const [part, value] of Object.entries({ run, tag, owner })) {
    if (value === undefined) continue
    const template = kind[part as 'run' | 'tag' | 'owner']
    if (template === undefined) return `nothing says where in its keys the ${part} is`
    patterns.push(template.replaceAll(`{${part}}`, escapeGlob(String(value))))
  }
  for (const [field, value] of Object.entries(where)) {
    if (field !== 'key' || typeof value !== 'string')
      return `a key has no field ${field}: only 'key' can be asked for, as a text`
    patterns.push(escapeGlob(value).replaceAll('%', '*'))
  }
  return [...patterns, kind.pattern] as unknown as AskedKind['patterns']
}

function unfit(driver: string, type: string, why: string): DustpanError {
  return new DustpanError('DUSTPAN_CONFIG_INVALID', `${type} does not support this filter: ${why}.`, {
    hint: `What can be asked for is part of the key: pattern, run, tag and owner of a kind in drivers.${driver}.options.kinds.`,
  })
}
