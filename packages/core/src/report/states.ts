/** Texts and colours of the states, for people. */
import kleur from 'kleur'
import type { State } from '../resource/resource.ts'

type Paint = (text: string) => string

interface StateStyle {
  readonly mark: string
  readonly paint: Paint
  /** Needs no attention. */
  readonly fine?: true
}

const styles: Readonly<Record<State, StateStyle>> = {
  removed: { mark: '✓', paint: (text) => kleur.green(text), fine: true },
  'already-gone': { mark: '✓', paint: (text) => kleur.green(text), fine: true },
  gone: { mark: '✓', paint: (text) => kleur.green(text), fine: true },
  shared: { mark: '○', paint: (text) => kleur.dim(text), fine: true },
  audit: { mark: '○', paint: (text) => kleur.dim(text), fine: true },
  kept: { mark: '●', paint: (text) => kleur.yellow(text) },
  live: { mark: '●', paint: (text) => kleur.yellow(text) },
  pending: { mark: '…', paint: (text) => kleur.yellow(text) },
  refused: { mark: '✗', paint: (text) => kleur.red(text) },
  failed: { mark: '✗', paint: (text) => kleur.red(text) },
  lost: { mark: '✗', paint: (text) => kleur.red(text) },
}

export const stateMark = (state: State): string => styles[state].mark
export const paintState = (state: State): Paint => styles[state].paint
export const isFine = (state: State): boolean => styles[state].fine ?? false

/** Texts for the reason codes in the ledger. */
const reasons: Readonly<Record<string, string>> = {
  user: 'removed by the test',
  restored: 'restored',
  shadow: 'shadow mode: would have been removed',
  rollback: 'rolled back',
  truncate: 'its table was emptied',
  'key-unsure': 'its key may belong to another resource now',
  'store-gone': 'its store no longer exists',
  'taken-over': 'its key was reused; kept',
  'with-row': 'removed with its row',
  budget: 'no time was left',
  deferred: 'to be removed at the end of its file',
  'open-transaction': 'its transaction is still open',
  'in-flight': 'its request is still in progress',
  'never-seen': 'never seen',
  'holds-others': 'another test or run has it, or something in it, on record',
  accepted: 'the removal was accepted, but is not done yet',
  job: 'the job that removes it is still running',
  unreachable: 'its store could not be reached',
  'not-ours': 'not provably what the test created',
  'changed-since': 'someone else changed it since',
  'has-dependents': 'others depend on it',
  'wrong-store': 'a different store from the one it was created in',
  host: 'its host is not allowed',
  profile: 'the environment does not allow it',
  protected: 'the configuration protects it',
  'too-old': 'too old to be removed',
  'too-many': 'too many to be removed at once',
}

/** The reason for a resource's state, as text. */
export const reasonText = (why: string): string => reasons[why] ?? why
