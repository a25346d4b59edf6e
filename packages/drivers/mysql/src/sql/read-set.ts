/** Parses how a SET changes the meaning of later statements. */
import type { Token } from './tokens.ts'

interface Setting {
  readonly kind: 'session'
  readonly alters: boolean
  readonly autocommits?: true
  readonly recodes?: true
}

/** Undefined: nothing relevant. An unknown setting counts as relevant. */
export function readSet(tokens: readonly Token[]): Setting | undefined {
  const targets = partsOf(tokens.slice(1)).map(targetOf)
  const autocommits = targets.includes('autocommit')
  const recodes = targets.some((target) => recoding.test(target))
  const alters = targets.some((target) => target !== 'autocommit' && !recoding.test(target) && !harmless.test(target))
  if (!autocommits && !recodes && !alters) return undefined
  return { kind: 'session', alters, ...(autocommits ? { autocommits } : {}), ...(recodes ? { recodes } : {}) }
}

/** Whether it sets user variables only. */
export function setsUserVariablesOnly(tokens: readonly Token[]): boolean {
  return partsOf(tokens.slice(1)).every((part) => targetOf(part) === '@')
}

/** Splits at commas outside parentheses. */
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

/** The name that is set; `@` for a user variable, `global` for the defaults of other sessions. */
function targetOf([first, ...rest]: readonly Token[]): string {
  const name = first?.value.toLowerCase() ?? ''
  if (first?.kind !== 'variable') return scopes.has(name) ? scopeOf(name, rest) : name
  if (!name.startsWith('@@')) return '@'
  const [scope = '', named] = name.slice(2).split('.')
  return named === undefined ? scope : globalScopes.has(scope) ? 'global' : named
}

function scopeOf(scope: string, rest: readonly Token[]): string {
  return globalScopes.has(scope) ? 'global' : targetOf(rest)
}

const globalScopes = new Set(['global', 'persist', 'persist_only'])
const scopes = new Set([...globalScopes, 'session', 'local'])

const recoding = /^(?:names|character|charset|character_set_\w+|collation_\w+)$/

/** Common settings that do not change the values that a statement writes. */
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
