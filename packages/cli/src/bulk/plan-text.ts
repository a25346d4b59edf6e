/** Formats what a predicate would remove, by store and kind. */
import type { PredicatePlan } from '@dustpan/core'
import {
  type Cell,
  columns,
  describePredicate,
  inColour,
  isSecretType,
  oneLine,
  redact,
  redactFor,
  redactJson,
  type StoreMatches,
  withoutIdentity,
} from '@dustpan/core/ledger'
import kleur from 'kleur'
import { counted } from '../counted.ts'
import { errorText } from '../print-error.ts'
import type { Terminal } from '../terminal.ts'

type Kind = StoreMatches['kinds'][number]
type Key = NonNullable<Kind['sample']>[number]

export function planText(plan: PredicatePlan, terminal: Terminal): string {
  return inColour(terminal.colour, () => {
    const stores = plan.stores.flatMap((store) => ['', ...storeLines(store, plan, terminal)])
    const total = plan.refusal && plan.total === 0 ? [] : ['', totalOf(plan)]
    return `${[headOf(plan), ...stores, ...total].join('\n')}\n\n`
  })
}

function headOf({ environment, predicate, deletion }: PredicatePlan): string {
  return `${kleur.bold('Removal by predicate')} in ${environment}: ${oneLine(redact(describePredicate(predicate, deletion)))}`
}

function storeLines(
  { store, kinds, preserved, refusal, error, ...more }: StoreMatches,
  plan: PredicatePlan,
  terminal: Terminal,
): readonly string[] {
  const head = `  ${store.driver}  ${kleur.dim(withoutIdentity(store.id))}`
  if (refusal?.code === 'DUSTPAN_PROFILE_REFUSED' && !plan.refusal)
    return [`${head}  ${kleur.dim(`skipped: the ${plan.environment} profile does not allow it`)}`]
  // A refusal of the whole plan is printed below the plan.
  const problems = [refusal, error, ...kinds.map((kind) => kind.error)].flatMap((problem) =>
    problem && problem !== plan.refusal ? [indented(errorText(problem, terminal))] : [],
  )
  const rows = columns(kinds.filter((kind) => !kind.error && kind.count !== 0).map(rowOf), {
    width: terminal.width,
    indent: '    ',
  })
  const none = kinds.filter((kind) => !kind.error && kind.count === 0).map(({ type }) => type)
  return [
    head,
    ...rows,
    ...(none.length > 0 ? [kleur.dim(`    ${none.join(', ')}: no matches`)] : []),
    ...(more.protected ?? []).map(({ why }) => kleur.dim(`    ${oneLine(redact(why))}`)),
    ...(preserved === undefined ? [] : [kleur.dim(`    the ${preserved} stays`)]),
    ...problems,
  ]
}

function rowOf({ type, count, method, sample = [] }: Kind): readonly Cell[] {
  const keys = sample.map((key) => oneLine(shownKey(type, key)))
  const more = count !== 'unknown' && count > keys.length && keys.length > 0 ? ' …' : ''
  return [
    { text: count === 'unknown' ? '?' : count.toLocaleString('en'), right: true, whole: true },
    { text: oneLine(type) },
    { text: method === 'soft' ? 'marked' : 'deleted', paint: (text) => (method === 'soft' ? text : kleur.red(text)) },
    { text: `${keys.join(', ')}${more}`, paint: (text) => kleur.dim(text) },
  ]
}

/** Redacts keys of sessions and tokens, which are secrets. */
const shownKey = (type: string, key: Key): string =>
  redactFor(type, key)(typeof key === 'string' ? key : JSON.stringify(key))

const indented = (text: string): string => text.trimEnd().replaceAll(/^/gm, '    ')

function totalOf({ total, limit, predicate }: PredicatePlan): string {
  if (total === 'unknown') return kleur.yellow('The number of matches is unknown.')
  const isOfAnyRun = predicate.run === undefined && !predicate.reset
  if (total === 0)
    return `No matches.${isOfAnyRun ? kleur.dim(' Data of runs that may still be in progress is excluded: protect.youngerThan.') : ''}`
  const of =
    total > limit
      ? kleur.red(`over the limit of ${limit.toLocaleString('en')}`)
      : `within the limit of ${limit.toLocaleString('en')}`
  return `${counted(total)}, ${of}`
}

export function planJson({ stores, refusal, ...plan }: PredicatePlan): object {
  return {
    ...plan,
    predicate: redactJson(plan.predicate as Parameters<typeof redactJson>[0]),
    stores: stores.map(({ store, kinds, refusal: refused, error, ...more }) => ({
      store: store.driver,
      storeId: store.id,
      ...more,
      kinds: kinds.map(({ error: failure, left: _left, sample, ...kind }) => ({
        ...kind,
        ...(sample && { sample: sample.map((key) => (isSecretType(kind.type) ? shownKey(kind.type, key) : key)) }),
        ...errorJson('error', failure),
      })),
      ...errorJson('refusal', refused),
      ...errorJson('error', error),
    })),
    ...errorJson('refusal', refusal),
  }
}

function errorJson(name: string, error: PredicatePlan['refusal']): object {
  if (!error) return {}
  const { code, message, hint } = error
  return { [name]: { code, message, ...(hint === undefined ? {} : { hint }) } }
}
