/** What a SET changes in how the statements behind it are meant. */
import type { Token } from './tokens.ts'

interface Setting {
  readonly kind: 'session'
  readonly alters: boolean
  readonly autocommits?: true
  readonly recodes?: true
}

/** Undefined: nothing that matters here. What is not known may be anything. */
export function readSet(tokens: readonly Token[]): Setting | undefined {
  const targets = partsOf(tokens.slice(1)).map(targetOf)
  const autocommits = targets.includes('autocommit')
  const recodes = targets.some((target) => recoding.test(target))
  const alters = targets.some((target) => target !== 'autocommit' && !recoding.test(target) && !harmless.test(target))
  if (!autocommits && !recodes && !alters) return undefined
  return { kind: 'session', alters, ...(autocommits ? { autocommits } : {}), ...(recodes ? { recodes } : {}) }
}

/** Whether all of it are variables of the user's own. */
export function setsOwnOnly(tokens: readonly Token[]): boolean {
  return partsOf(tokens.slice(1)).every((part) => targetOf(part) === '@')
}

/** Between commas, outside of parentheses. */
function partsOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    const sign = token.kind === 'sign' ? token.value : ''
    if (sign === '(') depth++
    if (sign === ')') depth--
    if (depth === 0 && sign === ',') parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts
}

/** The name that is set; `@` for a variable of the user's own, `global` for what other sessions begin with. */
function targetOf([first, ...rest]: readonly Token[]): string {
  const name = first?.value.toLowerCase() ?? ''
  if (first?.kind !== 'variable') return scopes.has(name) ? scopeOf(name, rest) : name
  if (!name.startsWith('@@')) return '@'
  const [scope = '', named] = name.slice(2).split('.')
  return named === undefined ? scope : others.has(scope) ? 'global' : named
}

function scopeOf(scope: string, rest: readonly Token[]): string {
  return others.has(scope) ? 'global' : targetOf(rest)
}

const others = new Set(['global', 'persist', 'persist_only'])
const scopes = new Set([...others, 'session', 'local'])

const recoding = /^(?:names|character|charset|character_set_\w+|collation_\w+)$/

/** What is often set, and changes no value that a statement writes. */
const harmless = new RegExp(
  `^(?:${[
    ...['@', 'global', 'transaction', 't(?:ransaction|x)_(?:isolation|read_only)', 'time_zone', 'timestamp'],
    ...['foreign_key_checks', 'unique_checks', 'sql_safe_updates', 'sql_notes', 'sql_warnings', 'sql_log_\\w+'],
    ...[
      '\\w+_timeout',
      'max_(?:execution|statement)_time',
      'group_concat_max_len',
      'sql_select_limit',
      'max_join_size',
    ],
    ...['sql_big_selects', 'insert_id', 'last_insert_id', 'profiling\\w*', 'optimizer_\\w+', '\\w+_size', 'lc_\\w+'],
    ...['(?:default_)?storage_engine', 'session_track_\\w+', 'information_schema_\\w+', 'cte_max_recursion_depth'],
    ...['max_allowed_packet', 'rand_seed[12]', 'sql_quote_show_create', 'wsrep_\\w+'],
  ].join('|')})$`,
)
